// The pad: a finger, a mouse or the arrow keys at the helm, and the button that stops it.

const pad = element("pad");
const arrows = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const pressed = new Set(); // arrow keys
let finger = null; // the pointer that pulls

// push moves the knob and steers there.
function push(x, y) {
	const far = Math.max(1, Math.hypot(x, y));
	place(x / far, y / far);
	steer(x / far, y / far);
}

function place(x, y) {
	pad.style.setProperty("--x", x);
	pad.style.setProperty("--y", y);
}

function release() {
	finger = null;
	pressed.clear();
	pad.classList.remove("held");
	place(0, 0);
	letGo();
}

function pull(event) {
	if (event.pointerId !== finger) {
		return;
	}
	const box = pad.getBoundingClientRect();
	const x = (event.clientX - box.left) / box.width * 2 - 1, y = 1 - (event.clientY - box.top) / box.height * 2;
	const still = Math.hypot(x, y) < 0.12; // the middle is where a finger rests
	push(still ? 0 : x, still ? 0 : y);
}

pad.addEventListener("pointerdown", (event) => {
	if (isGrey(pad) || finger !== null || event.button !== 0) {
		return;
	}
	finger = event.pointerId;
	pad.setPointerCapture(finger);
	pad.classList.add("held");
	pull(event);
});
pad.addEventListener("pointermove", pull);
for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
	pad.addEventListener(end, (event) => event.pointerId === finger && release());
}
pad.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch asks for one

function pushKeys() {
	const [x, y] = [...pressed].map((key) => arrows[key]).reduce((sum, arrow) => [sum[0] + arrow[0], sum[1] + arrow[1]], [0, 0]);
	push(x, y);
}

pad.addEventListener("keydown", (event) => {
	if (!(event.key in arrows) || event.ctrlKey || event.altKey || event.metaKey || isGrey(pad)) {
		return;
	}
	event.preventDefault(); // the page would scroll
	if (event.repeat) {
		return; // a key that was down when the connection ended does not begin a new one
	}
	pressed.add(event.key);
	pad.classList.add("held");
	pushKeys();
});
pad.addEventListener("keyup", (event) => {
	if (!pressed.delete(event.key)) {
		return;
	}
	if (pressed.size > 0 && helm.held) {
		pushKeys();
	} else {
		release();
	}
});

// Whoever cannot be seen to hold on has let go.
pad.addEventListener("blur", release);
addEventListener("blur", release);
addEventListener("pagehide", () => { release(); leaveHelm(); });
document.addEventListener("visibilitychange", () => document.hidden && release());

async function stop() {
	release();
	try {
		await ask("api/drive/stop", "POST");
		say("The rover is stopped.");
	} catch (error) {
		refused(error, "drive", [], "Stop"); // and may be tried again
	}
}

element("stop").addEventListener("click", stop);
addEventListener("keydown", (event) => event.key === "Escape" && !event.repeat && stop());
element("speed").addEventListener("input", () => {
	const text = element("speed").value + " %";
	element("speed-shown").value = text;
	element("speed").setAttribute("aria-valuetext", text);
});
