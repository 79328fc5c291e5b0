package state

import (
	"context"
	"sync"
)

// notifier wakes all who wait for a relation to change, and keeps the positions of those who follow it.
type notifier struct {
	mu    sync.Mutex
	ch    chan struct{}
	holds map[string]int64
}

// changed is a channel that is closed at the next change. Take it before looking at the version.
func (n *notifier) changed() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ch == nil {
		n.ch = make(chan struct{})
	}
	return n.ch
}

func (n *notifier) wake() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ch != nil {
		close(n.ch)
		n.ch = nil
	}
}

// wait returns when version() > after, or at the end of ctx with its cause.
func (n *notifier) wait(ctx context.Context, after int64, version func() int64) error {
	for {
		ch := n.changed()
		if version() > after {
			return nil
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Hold implements Changelog.
func (n *notifier) Hold(reader string, version int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.holds == nil {
		n.holds = map[string]int64{}
	}
	n.holds[reader] = version
}

// Unhold implements Changelog.
func (n *notifier) Unhold(reader string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.holds, reader)
}

// held is the least version that a reader holds, at most limit.
func (n *notifier) held(limit int64) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, v := range n.holds {
		limit = min(limit, v)
	}
	return limit
}
