package engine

import "sync"

// notifier carries NOTIFY to the sessions that LISTEN.
type notifier struct {
	mu       sync.Mutex
	channels map[string]map[*session]bool
	waiting  map[*session][]Notification
}

func newNotifier() *notifier {
	return &notifier{channels: map[string]map[*session]bool{}, waiting: map[*session][]Notification{}}
}

func (n *notifier) listen(s *session, channel string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.channels[channel] == nil {
		n.channels[channel] = map[*session]bool{}
	}
	n.channels[channel][s] = true
}

// unlisten ends listening to a channel; "*" is all of them.
func (n *notifier) unlisten(s *session, channel string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c, ls := range n.channels {
		if channel == "*" || c == channel {
			delete(ls, s)
		}
	}
}

func (n *notifier) send(m Notification) {
	n.mu.Lock()
	var wake []func()
	for s := range n.channels[m.Channel] {
		n.waiting[s] = append(n.waiting[s], m)
		if s.info.Wake != nil {
			wake = append(wake, s.info.Wake)
		}
	}
	n.mu.Unlock()
	for _, f := range wake {
		f()
	}
}

func (n *notifier) take(s *session) []Notification {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.waiting[s]
	delete(n.waiting, s)
	return m
}

func (n *notifier) forget(s *session) {
	n.unlisten(s, "*")
	n.take(s)
}
