// How this page asks the robot, and what it says when the robot, or whoever stands in front of it, refuses.

const element = (id) => document.getElementById(id);

// Refused is why something did not happen, in words for whoever looks at the page. Status is 0 where no answer came.
class Refused extends Error {
	constructor(status, words) {
		super(words);
		this.status = status;
	}

	// lasting refusals come again however often one asks, until the page is loaded anew.
	get lasting() { return this.status === 401 || this.status === 403; }
}

// ask returns what the robot answers, or throws Refused. Nothing is ever moved with GET.
async function ask(path, method = "GET", body = undefined) {
	const answer = await reach(path, {
		method,
		body: body && JSON.stringify(body),
		headers: body && { "Content-Type": "application/json" },
		signal: AbortSignal.timeout(10_000),
	});
	if (!answer.ok) {
		throw await refusal(answer, method === "GET" ? "see" : "do");
	}
	return answer.json().catch(() => { throw new Refused(0, "What answered is not the robot."); });
}

function reach(path, options) {
	return fetch(path, { cache: "no-store", ...options }).catch(() => { throw new Refused(0, "The robot does not answer."); });
}

// refusal puts an answer that is none into plain words: those of its problem (RFC 9457), if it is one.
async function refusal(answer, verb) {
	let detail = "";
	if (/^application\/problem\+json\b/i.test(answer.headers.get("Content-Type") ?? "")) {
		const problem = await answer.json().catch(() => null);
		detail = typeof problem?.detail === "string" ? sentence(problem.detail) : "";
	}
	const known = { 401: "You are not signed in here.", 403: `You may not ${verb} this.` }[answer.status];
	return new Refused(answer.status, [known, detail].filter(Boolean).join(" ") || `The robot answers with status ${answer.status}.`);
}

function sentence(text) {
	const trimmed = text.trim();
	return trimmed && trimmed[0].toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}

// look asks for no more than the status of path, and returns why one may not see or do this, or null if one may.
async function look(path, verb) {
	const hangUp = new AbortController();
	const late = setTimeout(() => hangUp.abort(), 10_000);
	try {
		const answer = await reach(path, { signal: hangUp.signal });
		return answer.ok ? null : await refusal(answer, verb);
	} catch (error) {
		return error;
	} finally {
		clearTimeout(late);
		hangUp.abort(); // an event stream would go on
	}
}
