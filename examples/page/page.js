"use strict";
// The token is held in this page's memory and nowhere else: not in a cookie, not in localStorage, where each script of this
// origin could read it for as long as it lives.
const element = (id) => document.getElementById(id);
let watching = new AbortController();

function ask(method, path, signal) {
	return fetch(new URL(path, element("bot").value), {
		method,
		signal,
		headers: { Authorization: "Bearer " + element("token").value },
	});
}

// refusal is what to tell of an answer that is none: the latch says it in plain words (RFC 9457), and in the challenge.
async function refusal(answer) {
	const challenge = answer.headers.get("WWW-Authenticate") ?? "";
	const scope = /scope="([^"]*)"/.exec(challenge);
	const problem = await answer.json().catch(() => ({}));
	return (problem.detail ?? "Status " + answer.status) + (scope ? " This needs the scope " + scope[1] + "." : "");
}

async function act(method, path) {
	const state = element("state");
	try {
		const answer = await ask(method, path);
		if (!answer.ok) {
			state.textContent = "Refused: " + await refusal(answer);
			return;
		}
		state.textContent = (await answer.json()).locked ? "The door is locked." : "The door is open.";
	} catch {
		state.textContent = "The bot does not answer this page.";
	}
}

// watch reads the bot's event stream. EventSource could not send the token.
async function watch() {
	watching.abort();
	watching = new AbortController();
	const temperature = element("temperature");
	try {
		const answer = await ask("GET", "/api/events", watching.signal);
		if (!answer.ok) {
			temperature.textContent = "–";
			return;
		}
		const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
		for (let text = ""; ;) {
			const { done, value } = await reader.read();
			if (done) {
				break;
			}
			text += value;
			const events = text.split("\n\n");
			text = events.pop();
			for (const event of events) {
				const data = /^data: ?(.*)$/m.exec(event);
				const celsius = data && JSON.parse(data[1]).celsius;
				if (typeof celsius === "number") {
					temperature.textContent = celsius.toFixed(1) + " °C";
				}
			}
		}
		temperature.textContent = "ended";
	} catch (error) {
		if (error.name !== "AbortError") {
			temperature.textContent = "ended";
		}
	}
}

element("key").addEventListener("submit", (event) => {
	event.preventDefault();
	act("GET", "/api/door");
	watch();
});
element("unlock").addEventListener("click", () => act("POST", "/api/door/unlock"));
element("lock").addEventListener("click", () => act("POST", "/api/door/lock"));
