'use strict'

// The camera's pictures: JPEG (ITU-T T.81), gray, of blocks of one shade each, with one bright column that wanders. All that
// is coded is the mean of each block, so that no image library is needed.

const width = 8 // blocks of 8 by 8 pixels
const height = 6

const segment = (marker, ...bytes) => [0xff, marker, 0, bytes.length + 2, ...bytes]

const head = [
  0xff, 0xd8,
  ...segment(0xdb, 0, ...Array(64).fill(8)), // with steps of 8 a difference of 1 is one shade
  ...segment(0xc0, 8, 0, height * 8, 0, width * 8, 1, 1, 0x11, 0),
  ...segment(0xc4, 0x00, 0, 0, 0, 12, ...Array(12).fill(0), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), // sizes: 4 bits each
  ...segment(0xc4, 0x10, 1, ...Array(15).fill(0), 0), // end of block: one bit
  ...segment(0xda, 1, 1, 0x00, 0, 63, 0)
]

// frame is the picture with the bright column at a place, 0 to width-1.
function frame (column) {
  let bits = ''
  let before = 0
  for (let i = 0; i < width * height; i++) {
    const shade = i % width === column ? 100 : -60
    const step = shade - before
    before = shade
    const size = step === 0 ? 0 : Math.floor(Math.log2(Math.abs(step))) + 1
    const value = step < 0 ? step + 2 ** size - 1 : step
    bits += size.toString(2).padStart(4, '0') + (size ? value.toString(2).padStart(size, '0') : '') + '0'
  }
  const bytes = bits.match(/.{1,8}/g).map((byte) => parseInt(byte.padEnd(8, '1'), 2))
  return Buffer.from([...head, ...bytes.flatMap((byte) => byte === 0xff ? [0xff, 0] : [byte]), 0xff, 0xd9])
}

module.exports = { frame, width }
