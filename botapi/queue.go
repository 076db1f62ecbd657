package botapi

// queueLength is how many messages wait for a client that reads more slowly than they come.
const queueLength = 16

// queue are the messages for one client. Putting never blocks: what is too much for the client pushes its oldest out, the
// newest tell best how things are. It is safe for concurrent use.
type queue chan []byte

func newQueue() queue { return make(queue, queueLength) }

func (q queue) put(message []byte) {
	for {
		select {
		case q <- message:
			return
		default:
		}
		select {
		case <-q:
		default: // the client was faster
		}
	}
}
