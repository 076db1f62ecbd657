// The helm: the WebSocket through which one page at a time drives the rover. It is taken with the first push and given
// back a while after the last, so that others can drive too.
//
// Nothing here connects by itself. Whatever ended a connection, a person, a latch or the network, to drive on is a new
// decision: the pad has to be let go and pushed again.

const helm = { socket: null, held: false, x: 0, y: 0, sent: "", at: 0, ticking: 0, idle: 0 };

// steer drives on, x to the right and y ahead, both from -1 to 1.
function steer(x, y) {
	Object.assign(helm, { x, y });
	if (!helm.held) {
		helm.held = true;
		clearTimeout(helm.idle);
		helm.ticking = setInterval(tell, 100);
		if (!helm.socket) {
			takeHelm();
		}
	}
	tell();
}

// letGo stops the rover, if this page drives it.
function letGo() {
	if (!helm.held) {
		return;
	}
	helm.held = false;
	clearInterval(helm.ticking);
	Object.assign(helm, { x: 0, y: 0 });
	showMotors({ left: 0, right: 0 });
	if (helm.socket?.readyState === WebSocket.OPEN) { // else nothing was said that would have to be taken back
		helm.socket.send(JSON.stringify({ left: 0, right: 0 }));
		rest();
	}
}

// rest gives the helm back, unless the pad is pushed again before.
function rest() {
	clearTimeout(helm.idle);
	helm.idle = setTimeout(leaveHelm, 3000);
}

// tell says again and again what is wanted: the robot stops when it hears nothing for two seconds.
function tell() {
	const socket = helm.socket;
	if (!helm.held || socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > 0) {
		return; // an order that waits in a queue would be obeyed too late
	}
	const order = JSON.stringify(speeds()), now = performance.now();
	if (order !== helm.sent || now - helm.at > 400) {
		socket.send(order);
		Object.assign(helm, { sent: order, at: now });
	}
}

function speeds() {
	const left = helm.y + helm.x, right = helm.y - helm.x;
	const share = element("speed").valueAsNumber / Math.max(1, Math.abs(left), Math.abs(right));
	return { left: Math.round(left * share), right: Math.round(right * share) };
}

function takeHelm() {
	const address = new URL("api/drive", document.baseURI);
	address.protocol = address.protocol.replace("http", "ws");
	const socket = new WebSocket(address);
	let opened = false;
	Object.assign(helm, { socket, sent: "", at: 0 });
	socket.onopen = () => {
		opened = true;
		note("drive", "");
		tell();
		if (!helm.held) {
			rest(); // it was a short push
		}
	};
	socket.onmessage = (event) => {
		const said = JSON.parse(event.data);
		if ("detail" in said) {
			say(sentence(said.detail));
		} else if (helm.held) {
			showMotors(said);
		}
	};
	socket.onclose = (event) => {
		if (helm.socket !== socket) {
			return; // this page has left it
		}
		helm.socket = null;
		release();
		if (opened) {
			driveEnded(event);
		} else {
			driveRefused();
		}
	};
}

function leaveHelm() {
	const socket = helm.socket;
	helm.socket = null;
	clearTimeout(helm.idle);
	socket?.close(1000);
}

function showMotors({ left, right }) {
	element("left").textContent = left;
	element("right").textContent = right;
}

// driveEnded tells why a connection ended, in the words of whoever ended it.
function driveEnded({ code, reason }) {
	const words = reason || { 1006: "the connection broke", 1001: "the robot goes away" }[code] || "code " + code;
	const text = `Disconnected: ${words}`;
	note("drive", text);
	say(text);
	if (code === 1008) { // policy: perhaps the rest is over, too
		refresh();
	}
}

// driveRefused finds out what a browser does not tell of a handshake. Whom nothing refuses is told that a WebSocket is
// expected: then it is the helm that was not free.
async function driveRefused() {
	const why = await look("api/drive", "do");
	if (why?.lasting) {
		refused(why, "drive", controlsOf("drive"));
		return;
	}
	const text = why && why.status !== 426 ? why.message : "The helm is not free. Perhaps somebody else drives.";
	note("drive", text);
	say(text);
}
