// An Arduino Uno: StandardFirmata, as boards run it, on an emulated ATmega328P whose serial port is a TCP port. It prints a
// line of JSON for where it listens, and for each new pulse width of a servo and each new duty of a PWM pin.
//
//     node uno.js
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const avr = require('avr8js');

const HERTZ = 16e6;
const MICROSECOND = HERTZ / 1e6;
const SERVOS = [2, 4, 7, 8, 9, 10];
const DIMMED = [3, 5, 6];
const FIRMWARE = require.resolve('avrgirl-arduino/junk/hex/uno/StandardFirmata.cpp.hex');

const print = (what) => console.log(JSON.stringify(what));

// flash reads an Intel HEX file into program memory.
function flash(file) {
  const program = new Uint16Array(0x4000);
  const bytes = new Uint8Array(program.buffer);
  for (const record of fs.readFileSync(file, 'utf8').split('\n')) {
    const [length, high, low, type, ...data] = Buffer.from(record.trim().slice(1), 'hex');
    if (type === 0) bytes.set(data.slice(0, length), high * 256 + low);
  }
  return program;
}

const cpu = new avr.CPU(flash(FIRMWARE));
const ports = [new avr.AVRIOPort(cpu, avr.portDConfig), new avr.AVRIOPort(cpu, avr.portBConfig)];
for (const timer of [avr.timer0Config, avr.timer1Config, avr.timer2Config]) new avr.AVRTimer(cpu, timer);
const adc = new avr.AVRADC(cpu, avr.adcConfig);
adc.channelValues[0] = 0.7129; // volts: a TMP36 at 21.5 degrees

const isHigh = (pin) => ports[pin >> 3].pinState(pin & 7) === avr.PinState.High;

// watch calls changed(high, cycles) when the level of a pin changes, with how long it was the other one. It returns a function
// that tells for how long the pin has been high.
function watch(pin, changed) {
  let high = isHigh(pin);
  let since = 0;
  ports[pin >> 3].addListener(() => {
    if (isHigh(pin) === high) return;
    changed(!high, cpu.cycles - since);
    high = !high;
    since = cpu.cycles;
  });
  return () => (high ? cpu.cycles - since : 0);
}

for (const pin of SERVOS) {
  let last = 0;
  watch(pin, (high, cycles) => {
    const width = Math.round(cycles / MICROSECOND);
    if (high || width > 3000 || Math.abs(width - last) <= 8) return; // interrupts shift the end of a pulse a little
    last = width;
    print({ pin, width });
  });
}

// dimmed are the PWM pins, each with how many cycles it was high since they were measured.
let measured = 0;
const dimmed = DIMMED.map((pin) => {
  const state = { pin, high: 0, duty: -1 };
  const here = (cycles) => Math.min(cycles, cpu.cycles - measured);
  const highFor = watch(pin, (high, cycles) => { if (!high) state.high += here(cycles); });
  state.rest = () => here(highFor());
  return state;
});

// measure prints what the duty of each has become.
function measure() {
  for (const state of dimmed) {
    const duty = Math.round((255 * (state.high + state.rest())) / (cpu.cycles - measured));
    state.high = 0;
    if (Math.abs(duty - state.duty) <= 8) continue; // whole periods do not fit in
    state.duty = duty;
    print({ pin: state.pin, duty });
  }
  measured = cpu.cycles;
}

// The serial port: one line at a time.
const usart = new avr.AVRUSART(cpu, avr.usart0Config, HERTZ);
const received = [];
let line = null;
const feed = () => { if (received.length > 0 && !usart.rxBusy) usart.writeByte(received.shift()); };
usart.onRxComplete = feed;
usart.onByteTransmit = (byte) => { if (line) line.write(Buffer.from([byte])); };

const server = net.createServer((socket) => {
  line = socket;
  socket.setNoDelay();
  socket.on('error', () => {});
  socket.on('close', () => { if (line === socket) line = null; });
  socket.on('data', (data) => received.push(...data));
});
server.listen(0, '127.0.0.1', () => print({ listening: `127.0.0.1:${server.address().port}` }));

// run lets time pass as it does outside, or slower if this machine is slow, 40 milliseconds in one go at most.
const WINDOW = HERTZ / 25;
let behind = process.hrtime.bigint();
function run() {
  const now = process.hrtime.bigint();
  const end = cpu.cycles + Math.min((Number(now - behind) * HERTZ) / 1e9, WINDOW);
  behind = now;
  feed();
  while (cpu.cycles < end) {
    avr.avrInstruction(cpu);
    cpu.tick();
    if (cpu.cycles - measured >= WINDOW) measure();
  }
  setTimeout(run, 2);
}
run();

process.stdin.on('end', () => process.exit(0)).resume(); // whoever started it has gone
