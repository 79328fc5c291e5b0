package engine

import (
	"context"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/types"
)

// session is one client's connection. The wire calls it from one goroutine; live portals have goroutines of their own, which
// touch nothing of it.
type session struct {
	eng     *Engine
	info    StartupInfo
	ctx     context.Context // ends with the session
	running context.Context // of the statement that runs
	stop    context.CancelFunc

	random       expr.Random      // of random() and setseed
	currvals     map[uint32]int64 // what nextval gave last, by sequence
	lastSequence uint32

	temp     string        // the schema of its temporary tables, "": none yet
	start    settingValues // as the start-up message left them: what RESET goes back to
	values   settingValues
	reported map[string]string // what the client was told

	tx      *txn
	stmts   map[string]*prepared
	portals map[string]*portal
	updates Updates
	changes *changing // the statement that changes rows at the moment; nil: none
	watched *[]ran    // the queries that run are noted here for EXPLAIN ANALYZE; nil: they are not
	text    string    // of the client's statements that run, for current_query
	inQuery bool      // several statements of one simple query: an implicit transaction over them
}

// CurrentQuery is the text of the client's statements that run.
func (s *session) CurrentQuery() string { return s.text }

// Connect opens a session; see Server.
func (e *Engine) Connect(_ context.Context, info StartupInfo) (Session, error) {
	ctx, stop := context.WithCancel(e.ctx)
	s := &session{eng: e, info: info, ctx: ctx, stop: stop, start: settingValues{}, reported: map[string]string{}, stmts: map[string]*prepared{}, portals: map[string]*portal{}}
	s.start["session_authorization"] = info.User
	for _, kv := range info.Settings {
		if strings.HasPrefix(kv.Name, "_pq_.") {
			continue
		}
		if _, err := s.start.set(kv.Name, kv.Value); err != nil {
			stop()
			return nil, err
		}
	}
	s.values = s.start.clone()
	for _, kv := range s.Parameters() {
		s.reported[kv.Name] = kv.Value
	}
	e.sessions.add(s)
	return s, nil
}

func (v settingValues) clone() settingValues {
	n := make(settingValues, len(v))
	for k, x := range v {
		n[k] = x
	}
	return n
}

func (s *session) Parameters() []KV {
	var out []KV
	for i := range settings {
		if settings[i].report {
			out = append(out, KV{settings[i].name, s.values.get(&settings[i])})
		}
	}
	return out
}

func (s *session) TxStatus() byte {
	switch {
	case s.tx == nil || !s.tx.block:
		return 'I'
	case s.tx.failed:
		return 'E'
	}
	return 'T'
}

func (s *session) IdleLimit() time.Duration {
	if s.TxStatus() == 'I' {
		return 0
	}
	return s.values.duration("idle_in_transaction_session_timeout")
}

func (s *session) Updates() Updates {
	for _, kv := range s.Parameters() {
		if s.reported[kv.Name] != kv.Value {
			s.reported[kv.Name] = kv.Value
			s.updates.Params = append(s.updates.Params, kv)
		}
	}
	u := s.updates
	s.updates = Updates{}
	if s.tx == nil || !s.tx.block {
		u.Notifications = s.eng.notify.take(s)
	}
	return u
}

// notice keeps a notice for the next moment at which the client can be told.
func (s *session) notice(severity, code, hint, format string, args ...any) {
	e := sqlerr.New(code, format, args...)
	if hint != "" {
		e.WithHint("%s", hint)
	}
	s.updates.Notices = append(s.updates.Notices, Notice{severity, e})
}

// Failed is told of every error that the client was sent.
func (s *session) Failed() {
	if s.tx == nil {
		return
	}
	if s.tx.block {
		s.tx.failed = true
		s.closePortals()
		return
	}
	s.rollback()
}

func (s *session) Close() {
	s.rollback()
	s.closePortals()
	s.dropTemp()
	s.stop()
	s.eng.notify.forget(s)
	s.UnlockAll()
	s.eng.sessions.remove(s)
}

// --- what expressions and the binder ask of a session ---

// User, Database, BackendPID, SearchPath, Setting and SetSetting implement expr.Session.
func (s *session) User() string         { return s.info.User }
func (s *session) Database() string     { return s.info.Database }
func (s *session) Random() *expr.Random { return &s.random }
func (s *session) BackendPID() int32    { return int32(s.info.PID) }

func (s *session) SearchPath() []string               { return s.at().SearchPath() }
func (s *session) Setting(name string) (string, bool) { return s.at().Setting(name) }

func (s *session) SetSetting(name, value string, local bool) error {
	if is, err := s.setTxSetting(name, value); is {
		return err
	}
	if s.tx != nil && s.tx.settings == nil {
		s.tx.settings = s.values
	}
	next := s.values.clone()
	st, err := next.set(name, value)
	if err != nil {
		return err
	}
	s.values = next
	if st.foreign {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "parameter %q has no effect here", st.name)
	}
	if s.tx != nil && !local {
		s.tx.kept = append(s.tx.kept, st.name)
	}
	return nil
}

// format is the session's Format at this moment of its transaction.
func (s *session) format() *types.Format {
	f := s.values.format(s.now())
	at := s.at()
	f.RegName = func(t types.Type, oid uint32) string {
		return expr.RegName(&expr.Ctx{Session: at, Catalog: s.lookups()}, t, oid)
	}
	return f
}

// now is the transaction's time.
func (s *session) now() int64 {
	if s.tx != nil {
		return s.tx.start
	}
	return s.eng.clock().UnixMicro()
}

// exprCtx is the evaluation context of one statement.
func (s *session) exprCtx(params []expr.Vec) *expr.Ctx {
	return &expr.Ctx{Now: s.now(), Clock: func() int64 { return s.eng.clock().UnixMicro() }, Format: s.format(), Session: s.at(), Params: params, Catalog: s.lookups()}
}

// env is what binding in this session needs; params are the declared types of $1, $2, ...
func (s *session) env(params []types.Type) *sql.Env {
	return &sql.Env{Catalog: s.cat(), SearchPath: s.SearchPath(), Format: s.format(), ParamTypes: params, Routines: s.eng.routines, StateRows: s.stateRelation}
}

// triggerClock is streamsql.clock, nil where it is not set.
func (s *session) triggerClock() (*time.Time, error) {
	v := s.values["streamsql.clock"]
	if v == "" {
		return nil, nil
	}
	f := s.format()
	b := types.NewBuilder(types.TimestampTZ)
	if err := types.ParseText(b, v, types.TimestampTZ, f); err != nil {
		return nil, err
	}
	t := time.UnixMicro(types.Int64s(b.NewArray())[0]).UTC()
	return &t, nil
}

// withTimeout bounds a statement by statement_timeout.
func (s *session) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	cancel := func() {}
	if d := s.values.duration("statement_timeout"); d > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, d, sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to statement timeout"))
	}
	s.running = ctx
	return ctx, cancel
}
