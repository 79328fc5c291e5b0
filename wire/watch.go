package wire

import (
	"bufio"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// past is a deadline that ends a read at once.
var past = time.Unix(1, 0)

// watcher looks, while a statement runs, whether the client has closed its socket. It peeks into the connection's buffered
// reader, so that what a client sends ahead stays there; when that fills the buffer, it gives up.
type watcher struct {
	c     *conn
	timer *time.Timer

	mu      sync.Mutex
	on      bool
	watched chan struct{} // closed when the peeking goroutine has ended; nil: there is none
}

func newWatcher(c *conn) *watcher {
	w := &watcher{c: c}
	w.timer = time.AfterFunc(time.Hour, w.watch)
	w.timer.Stop()
	return w
}

// start begins a watch; the caller does not read from the connection until stop.
func (w *watcher) start() {
	w.mu.Lock()
	w.on = true
	w.mu.Unlock()
	w.timer.Reset(w.c.srv.cfg.WatchAfter)
}

// stop ends the watch; the connection can be read again.
func (w *watcher) stop() {
	w.timer.Stop()
	w.mu.Lock()
	watched := w.watched
	w.on, w.watched = false, nil
	w.mu.Unlock()
	if watched == nil {
		return
	}
	w.c.raw.SetReadDeadline(past)
	<-watched
	w.c.raw.SetReadDeadline(noDeadline)
}

// watch runs in the timer's goroutine.
func (w *watcher) watch() {
	w.mu.Lock()
	if !w.on || w.watched != nil {
		w.mu.Unlock()
		return
	}
	watched := make(chan struct{})
	w.watched = watched
	w.mu.Unlock()
	defer close(watched)
	for {
		_, err := w.c.br.Peek(w.c.br.Buffered() + 1)
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, bufio.ErrBufferFull):
			return
		default:
			w.c.interrupt(sqlerr.New(sqlerr.QueryCanceled, "canceling statement because the client has gone"))
			return
		}
	}
}
