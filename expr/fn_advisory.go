package expr

import (
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// LockKey is what an advisory lock is on: one number of 64 bits or two of 32.
type LockKey struct {
	Pair bool
	Key  int64
}

// AdvisoryLocks is what the pg_advisory functions and pg_notify ask; the Session of a statement implements it.
type AdvisoryLocks interface {
	// TryLock takes a lock, for the session or until the transaction ends; false: another session has it.
	TryLock(key LockKey, shared, transaction bool) bool
	// Unlock gives back a lock that the session took; false: it has none.
	Unlock(key LockKey, shared bool) bool
	UnlockAll()
	// Notify sends a notification when the transaction commits.
	Notify(channel, payload string) error
}

// lockPoll is how often a waiting session looks whether a lock is free.
const lockPoll = 10 * time.Millisecond

func locksOf(ctx *Ctx) (AdvisoryLocks, error) {
	if l, ok := ctx.Session.(AdvisoryLocks); ok {
		return l, nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "advisory locks and notifications are not supported in a continuous query")
}

func pairKey(a, b int32) LockKey { return LockKey{true, int64(a)<<32 | int64(uint32(b))} }

// advisoryLock takes a lock, and waits for it where wait is set.
func advisoryLock(ctx *Ctx, key LockKey, shared, tx, wait bool) (bool, error) {
	l, err := locksOf(ctx)
	if err != nil {
		return false, err
	}
	for !l.TryLock(key, shared, tx) {
		if !wait {
			return false, nil
		}
		if ctx.Sleep == nil {
			return false, sqlerr.New(sqlerr.FeatureNotSupported, "waiting for an advisory lock is not supported here").WithHint("Take it in a SELECT.")
		}
		if err := ctx.Sleep(lockPoll); err != nil {
			return false, err
		}
	}
	return true, nil
}

// advisoryFuncs are pg_advisory_lock and its like, and pg_notify.
func advisoryFuncs() []*Func {
	var out []*Func
	for _, shared := range []bool{false, true} {
		suffix := ""
		if shared {
			suffix = "_shared"
		}
		for _, tx := range []bool{false, true} {
			mid := ""
			if tx {
				mid = "xact_"
			}
			out = append(out, advisoryLocks("pg_advisory_"+mid+"lock"+suffix, shared, tx)...)
			out = append(out, advisoryTries("pg_try_advisory_"+mid+"lock"+suffix, shared, tx)...)
		}
		out = append(out, advisoryUnlocks("pg_advisory_unlock"+suffix, shared)...)
	}
	return append(out,
		vol(Volatile, f0("pg_advisory_unlock_all", types.Void, func(ctx *Ctx) (string, error) {
			l, err := locksOf(ctx)
			if err == nil {
				l.UnlockAll()
			}
			return "", err
		}, "gives back all advisory locks of the session")),
		vol(Volatile, f2("pg_notify", types.Text, types.Text, types.Void, func(ctx *Ctx, channel, payload string) (string, error) {
			l, err := locksOf(ctx)
			if err != nil {
				return "", err
			}
			return "", l.Notify(channel, payload)
		}, "sends a notification")))
}

func advisoryLocks(name string, shared, tx bool) []*Func {
	const doc = "takes an advisory lock, and waits for it"
	return []*Func{
		vol(Volatile, f1(name, types.Int8, types.Void, func(ctx *Ctx, k int64) (string, error) {
			_, err := advisoryLock(ctx, LockKey{Key: k}, shared, tx, true)
			return "", err
		}, doc)),
		vol(Volatile, f2(name, types.Int4, types.Int4, types.Void, func(ctx *Ctx, a, b int32) (string, error) {
			_, err := advisoryLock(ctx, pairKey(a, b), shared, tx, true)
			return "", err
		}, doc)),
	}
}

func advisoryTries(name string, shared, tx bool) []*Func {
	const doc = "takes an advisory lock if it is free"
	return []*Func{
		vol(Volatile, f1(name, types.Int8, types.Bool, func(ctx *Ctx, k int64) (bool, error) {
			return advisoryLock(ctx, LockKey{Key: k}, shared, tx, false)
		}, doc)),
		vol(Volatile, f2(name, types.Int4, types.Int4, types.Bool, func(ctx *Ctx, a, b int32) (bool, error) {
			return advisoryLock(ctx, pairKey(a, b), shared, tx, false)
		}, doc)),
	}
}

func advisoryUnlocks(name string, shared bool) []*Func {
	const doc = "gives an advisory lock back"
	unlock := func(ctx *Ctx, key LockKey) (bool, error) {
		l, err := locksOf(ctx)
		if err != nil {
			return false, err
		}
		return l.Unlock(key, shared), nil
	}
	return []*Func{
		vol(Volatile, f1(name, types.Int8, types.Bool, func(ctx *Ctx, k int64) (bool, error) { return unlock(ctx, LockKey{Key: k}) }, doc)),
		vol(Volatile, f2(name, types.Int4, types.Int4, types.Bool, func(ctx *Ctx, a, b int32) (bool, error) { return unlock(ctx, pairKey(a, b)) }, doc)),
	}
}
