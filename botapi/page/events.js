// The event stream, and how the page comes back to it: after waits that grow up to half a minute, and not at all when it
// is told that it may not.

const longest = 30; // seconds between two tries
const feed = { wait: 1, opened: 0, timer: 0 };
const shows = {
	door: (state) => door.heard(state),
	arm: (joint) => moverOf(joint).heard(joint),
	rose: (state) => rose.heard(state),
	thermometer: showReading,
};

function listen() {
	const source = new EventSource("api/events");
	feed.opened = 0;
	source.onopen = () => {
		feed.opened = performance.now();
		line("live", "Live");
		if (feed.wait > 1) {
			say("Connected again.");
		}
		refresh(); // it begins with what changes next
	};
	for (const [name, show] of Object.entries(shows)) {
		source.addEventListener(name, (event) => show(JSON.parse(event.data)));
	}
	source.onerror = () => {
		const turnedAway = source.readyState === EventSource.CLOSED;
		source.close(); // it would try again every few seconds for ever
		lost(turnedAway);
	};
}

// lost waits for the next try. Only a stream that lasted makes the waits short again: one that is opened and cut, over and
// over, is no reason to hurry.
async function lost(turnedAway) {
	if (feed.opened > 0 && performance.now() - feed.opened > 10_000) {
		feed.wait = 1;
	}
	line("lost", "Disconnected");
	const why = turnedAway ? await look("api/events", "see") : null;
	if (why?.lasting) {
		line("lost", why.status === 401 ? "Disconnected: not signed in" : "Not live: you may not see this");
		const card = why.status === 401 ? "drive" : "thermometer"; // the others learn for themselves
		refused(why, card, controlsOf(card));
		refresh();
		return;
	}
	if (why || feed.opened > 0) {
		say(why?.message ?? "Disconnected from the robot.");
	}
	const wait = feed.wait;
	feed.wait = Math.min(longest, wait * 2);
	countDown(Math.round(wait * (1 + Math.random() / 4))); // not all pages at the same moment
}

function countDown(seconds) {
	feed.timer = 0;
	if (seconds <= 0) {
		line("waiting", "Connecting…");
		listen();
		return;
	}
	line("lost", `Disconnected, next try in ${seconds} s`);
	feed.timer = setTimeout(countDown, 1000, seconds - 1);
}

// A phone that is taken out of the pocket need not wait.
function hurry() {
	if (!document.hidden && feed.timer) {
		clearTimeout(feed.timer);
		countDown(0);
	}
}

document.addEventListener("visibilitychange", hurry);
addEventListener("online", hurry);

function line(is, text) {
	element("line").dataset.is = is;
	element("line").textContent = text;
}

// refresh asks how everything is.
async function refresh() {
	const since = new Map([door, rose, ...joints.values()].map((mover) => [mover, mover.changes]));
	const told = (mover, state) => mover.learned(state, since.get(mover) ?? 0);
	await Promise.all([
		learn("door", "api/door", (state) => told(door, state)),
		learn("arm", "api/arm", (arm) => arm.joints.forEach((joint) => told(moverOf(joint), joint))),
		learn("rose", "api/rose", (state) => told(rose, state)),
		learn("thermometer", "api/thermometer", showReading),
	]);
}

async function learn(card, path, show) {
	try {
		show(await ask(path));
	} catch (error) {
		// Who may not see how something is may be allowed to move it all the same; who is not signed in is not.
		refused(error, card, error.status === 401 ? controlsOf(card) : []);
	}
}

refresh();
listen();
