package engine

import (
	"sort"
	"sync"
)

// sessions is the list of open sessions, for pg_stat_activity and pg_cancel_backend.
type sessions struct {
	mu  sync.Mutex
	all map[*session]struct{}
}

func newSessions() *sessions { return &sessions{all: map[*session]struct{}{}} }

func (l *sessions) add(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[s] = struct{}{}
}

func (l *sessions) remove(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, s)
}

// list gives what is known of each session when it opened, by process number.
func (l *sessions) list() []StartupInfo {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]StartupInfo, 0, len(l.all))
	for s := range l.all {
		out = append(out, s.info)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].PID < out[j].PID })
	return out
}
