package engine

import (
	"sync"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// advisoryLocks are the server's advisory locks: who holds each, how often.
type advisoryLocks struct {
	mu    sync.Mutex
	locks map[expr.LockKey]map[*session]*lockHolds
}

// lockHolds counts how often a session holds a lock: alone and shared, for the session and for its transaction.
type lockHolds struct{ alone, shared, txAlone, txShared int }

func newAdvisoryLocks() *advisoryLocks {
	return &advisoryLocks{locks: map[expr.LockKey]map[*session]*lockHolds{}}
}

func (h *lockHolds) count(shared, tx bool) *int {
	switch {
	case shared && tx:
		return &h.txShared
	case shared:
		return &h.shared
	case tx:
		return &h.txAlone
	}
	return &h.alone
}

func (a *advisoryLocks) try(s *session, key expr.LockKey, shared, tx bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for other, h := range a.locks[key] {
		if other != s && (!shared || h.alone+h.txAlone > 0) {
			return false
		}
	}
	if a.locks[key] == nil {
		a.locks[key] = map[*session]*lockHolds{}
	}
	if a.locks[key][s] == nil {
		a.locks[key][s] = &lockHolds{}
	}
	*a.locks[key][s].count(shared, tx)++
	return true
}

func (a *advisoryLocks) unlock(s *session, key expr.LockKey, shared, tx bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := a.locks[key][s]
	if h == nil || *h.count(shared, tx) == 0 {
		return false
	}
	*h.count(shared, tx)--
	a.tidy(s, key)
	return true
}

// unlockAll gives back what the session holds for itself, not for its transaction.
func (a *advisoryLocks) unlockAll(s *session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, holders := range a.locks {
		if h := holders[s]; h != nil {
			h.alone, h.shared = 0, 0
			a.tidy(s, key)
		}
	}
}

func (a *advisoryLocks) tidy(s *session, key expr.LockKey) {
	if *a.locks[key][s] == (lockHolds{}) {
		delete(a.locks[key], s)
	}
	if len(a.locks[key]) == 0 {
		delete(a.locks, key)
	}
}

// TryLock, Unlock, UnlockAll and Notify implement expr.AdvisoryLocks.
func (s *session) TryLock(key expr.LockKey, shared, transaction bool) bool {
	if !s.eng.advisory.try(s, key, shared, transaction) {
		return false
	}
	if transaction {
		tx := s.begin()
		tx.locks = append(tx.locks, func() { s.eng.advisory.unlock(s, key, shared, true) })
	}
	return true
}

// Unlock warns where the session does not hold the lock.
func (s *session) Unlock(key expr.LockKey, shared bool) bool {
	if s.eng.advisory.unlock(s, key, shared, false) {
		return true
	}
	mode := "ExclusiveLock"
	if shared {
		mode = "ShareLock"
	}
	s.notice("WARNING", "01000", "", "you don't own a lock of type %s", mode)
	return false
}

// UnlockAll gives back the locks of the session.
func (s *session) UnlockAll() { s.eng.advisory.unlockAll(s) }

// Notify is pg_notify.
func (s *session) Notify(channel, payload string) error {
	const maxChannel, maxPayload = 64, 8000
	switch {
	case channel == "":
		return sqlerr.New(sqlerr.InvalidParameterValue, "channel name cannot be empty")
	case len(channel) >= maxChannel:
		return sqlerr.New(sqlerr.InvalidParameterValue, "channel name too long")
	case len(payload) >= maxPayload:
		return sqlerr.New(sqlerr.InvalidParameterValue, "payload string too long")
	}
	tx, n := s.begin(), s.eng.notify
	m := Notification{PID: s.info.PID, Channel: channel, Payload: payload}
	tx.after = append(tx.after, func() { n.send(m) })
	return nil
}
