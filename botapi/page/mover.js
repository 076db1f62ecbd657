// A Mover moves one part of the robot and shows where it is. It asks for one move at a time, and of those that come
// meanwhile for the last, so that a slider that is pulled does not leave a queue behind it.
//
// Answers and events overtake each other. While moves are under way events are kept; then the last of them counts if the
// answer is among them, and the answer if its own event has yet to come. So two open pages agree in the end.
class Mover {
	#send;
	#show;
	#failed;
	#shown;
	#next;
	#busy = false;
	#heard = [];
	changes = 0; // how often something was heard of it; see learned

	// send moves and returns the state, show shows one, failed is told why what was asked did not happen.
	constructor({ send, show, failed }) {
		this.#send = send;
		this.#show = show;
		this.#failed = failed;
	}

	// learned is a state that somebody asked for when changes were as many as since. What was heard in the meantime is
	// newer, however late the answer came.
	learned(state, since) {
		if (!this.#busy && this.changes === since) {
			this.heard(state);
		}
	}

	// heard is a state that an event tells of.
	heard(state) {
		this.changes++;
		if (this.#busy) {
			this.#heard.push(state);
		} else {
			this.#settle(state);
		}
	}

	async move(to) {
		this.#next = to;
		if (this.#busy) {
			return;
		}
		this.#busy = true;
		this.#heard = [];
		this.changes++;
		let asked, answer, failure;
		while (this.#next !== undefined && !failure) {
			asked = this.#next;
			this.#next = undefined;
			try {
				answer = await this.#send(asked);
			} catch (error) {
				failure = error;
			}
		}
		this.#next = undefined;
		this.#busy = false;
		this.changes++;
		this.#settle(this.#latest(failure ? undefined : answer));
		if (failure) {
			this.#failed(failure, asked);
		}
	}

	#latest(answer) {
		const known = answer === undefined || this.#heard.some((state) => JSON.stringify(state) === JSON.stringify(answer));
		return known ? this.#heard.at(-1) ?? answer ?? this.#shown : answer;
	}

	#settle(state) {
		this.#shown = state;
		if (state !== undefined) {
			this.#show(state);
		}
	}
}
