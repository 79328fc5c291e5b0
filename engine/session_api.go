package engine

import (
	"context"
	"io"
	"time"

	"github.com/streamsqld/streamsqld/internal/copyfmt"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// This file is the contract between the protocol server (package wire) and the engine. The wire knows messages, bytes,
// TLS, passwords and cancel requests; everything that needs to understand a statement is on this side.
//
// Rules that hold for the whole contract:
//   - The wire never calls two methods of one Session at the same time. Sessions run side by side.
//   - The ctx of a call ends with the call. What lives longer (a portal, a cursor, a live query) has a context of its own
//     made from the session's, and watches the ctx of the present call only while that call waits.
//   - When ctx is done the call returns soon, with context.Cause(ctx) as its error: the wire sets it to 57014 (cancel
//     request, client gone) or 57P01 (shutdown). statement_timeout is the engine's: context.WithTimeoutCause.
//   - Errors are *sqlerr.Error or wrap one; Pos is a byte offset in the text that the wire handed over (of Query, or of
//     the statement that the portal was bound from), else 0. The wire turns it into characters.
//   - After every error that it sends, the wire calls Failed, so a session may leave the transaction's state to that.

// Server opens sessions.
type Server interface {
	// Connect opens a session after the client has been authenticated. Errors are sent as FATAL: 3D000 for a database
	// that does not exist, 22023 for a bad setting, 57P03 while starting.
	Connect(ctx context.Context, info StartupInfo) (Session, error)
}

// KV is a setting or a parameter with its value.
type KV struct{ Name, Value string }

// StartupInfo is what is known of a client when its session opens.
type StartupInfo struct {
	User     string
	Database string // never empty: the user's name where the client gave none
	Settings []KV   // the start-up message's further parameters in their order, `options` taken apart into -c settings
	Remote   string // host:port of the client
	TLS      bool
	PID      uint32 // what pg_backend_pid() gives

	// Interrupt cancels the statement that the session runs now, which then fails with cause; without one it does
	// nothing. For pg_cancel_backend. Any goroutine.
	Interrupt func(cause *sqlerr.Error)
	// Terminate ends the session with FATAL 57P01. For pg_terminate_backend. Any goroutine; it does not wait.
	Terminate func()
	// Wake asks the wire to call Session.Updates as soon as the client is idle, so that a notification reaches a client
	// that waits for one. Any goroutine; it does not wait.
	Wake func()
}

// Session is one client's connection to the engine.
type Session interface {
	// Parameters are all the settings that are reported to the client after login, the 13 of PostgreSQL 15:
	// application_name, client_encoding, DateStyle, default_transaction_read_only, in_hot_standby, integer_datetimes,
	// IntervalStyle, is_superuser, server_encoding, server_version, session_authorization,
	// standard_conforming_strings, TimeZone.
	Parameters() []KV

	// TxStatus is the status byte of ReadyForQuery: 'I' idle, 'T' in a transaction block, 'E' in a failed one.
	TxStatus() byte

	// IdleLimit is how long the client may keep the session waiting now, between ReadyForQuery and its next message: in a transaction
	// block idle_in_transaction_session_timeout; 0: for ever. Past it the session ends with 25P03.
	IdleLimit() time.Duration

	// Updates hands over, once, what came up since the last call: reported settings that changed, notices that had no
	// ResultWriter to go to, and, outside of a transaction, notifications. Called before each ReadyForQuery and after Wake.
	Updates() Updates

	// Query runs the statements of one simple query in turn. The whole text is parsed first, so that a syntax error runs
	// nothing; several statements without BEGIN are one implicit transaction, which ends within the call. For each
	// statement the session calls w as ResultWriter says. An empty text is one w.Empty(). It drops the unnamed
	// statement and the unnamed portal. The first error ends the call.
	Query(ctx context.Context, sql string, w ResultWriter) error

	// Parse prepares one statement under name ("" is the unnamed one, which is replaced; another name that exists is
	// 42P05; several statements in sql are 42601 `cannot insert multiple commands into a prepared statement`).
	// paramOIDs declares the types of the first parameters; 0 and 705 leave a type to be inferred. An empty sql is fine.
	Parse(ctx context.Context, name, sql string, paramOIDs []uint32) error

	// DescribeStatement gives the parameters and result columns (Format is 0) of a prepared statement; 26000 where there
	// is none.
	DescribeStatement(ctx context.Context, name string) (*StatementDesc, error)

	// CloseStatement drops a prepared statement with the portals made from it. None of that name: no error.
	CloseStatement(name string)

	// Bind makes a portal ("" is the unnamed one, which is replaced; another that exists is 42P03). The session owns
	// the request and its memory. Wrong counts of parameters or formats are 08P01, in PostgreSQL's words.
	Bind(ctx context.Context, r *BindRequest) error

	// DescribePortal gives the columns of a portal or of a cursor made by DECLARE, with their formats set; nil: it
	// returns no rows. 34000 where there is none.
	DescribePortal(ctx context.Context, name string) ([]Column, error)

	// Execute runs a portal, or goes on with a suspended one, for at most maxRows rows (0: all). It ends with one of
	// w.Complete, w.Suspended, w.Empty. A statement that returns no rows ignores maxRows. With maxRows = n:
	// n rows given and perhaps more to come: Suspended (PostgreSQL does so also when no more comes; the next Execute
	// then gives 0 rows and Complete). A live portal ends with Suspended as soon as it has given at least one row and
	// has no more at hand; it never ends with Suspended and no row.
	// A finished portal that is executed again gives no rows and Complete("SELECT 0").
	Execute(ctx context.Context, portal string, maxRows int, w ResultWriter) error

	// ClosePortal drops a portal or cursor. None of that name: no error.
	ClosePortal(name string)

	// Sync ends a run of extended messages: it commits the implicit transaction (whose error it returns) and so drops
	// its portals. In a transaction block, or after Failed, it does nothing.
	Sync(ctx context.Context) error

	// Failed tells that an error was sent to the client: a transaction block is failed from now on (TxStatus 'E'),
	// an implicit transaction is rolled back. It may come after the session did so by itself. Also called after a panic
	// in one of the session's methods.
	Failed()

	// Close ends the session: rolls back, drops portals and cursors, stops its live queries. Once, at the end.
	Close()
}

// Updates is what a client is told between statements.
type Updates struct {
	Params        []KV
	Notices       []Notice
	Notifications []Notification
}

// Notification is a message of NOTIFY.
type Notification struct {
	PID              uint32 // of the session that sent it
	Channel, Payload string
}

// Notice is a message that is not an error.
type Notice struct {
	Severity string // NOTICE, WARNING, INFO, LOG, DEBUG
	*sqlerr.Error
}

// Column is a column of a result.
type Column struct {
	Name     string
	Type     types.Type
	TableOID uint32 // OID of the relation and number of its column where the column is one, else 0
	AttNum   uint16
	Format   int16 // 0 text, 1 binary
}

// StatementDesc describes a prepared statement.
type StatementDesc struct {
	ParamOIDs []uint32
	Columns   []Column // nil: returns no rows
}

// BindRequest is a Bind message.
type BindRequest struct {
	Portal, Statement string
	Params            [][]byte // nil: NULL
	ParamFormats      []int16  // none: all text; one: for all; else one each
	ResultFormats     []int16  // the same
}

// ParamFormat is the format code of parameter i.
func (r *BindRequest) ParamFormat(i int) int16 {
	switch len(r.ParamFormats) {
	case 0:
		return 0
	case 1:
		return r.ParamFormats[0]
	}
	return r.ParamFormats[i]
}

// WithFormats is a copy of cols with the result formats of a Bind message set; 08P01 where the counts do not fit.
func WithFormats(cols []Column, formats []int16) ([]Column, error) {
	if len(formats) > 1 && len(formats) != len(cols) {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "bind message has %d result formats but query has %d columns", len(formats), len(cols))
	}
	if cols == nil {
		return nil, nil
	}
	out := append(make([]Column, 0, len(cols)), cols...)
	for i := range out {
		switch len(formats) {
		case 0:
			out[i].Format = 0
		case 1:
			out[i].Format = formats[0]
		default:
			out[i].Format = formats[i]
		}
		if f := out[i].Format; f != 0 && f != 1 {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "unsupported format code: %d", f)
		}
	}
	return out, nil
}

// ResultWriter takes what statements give. For each statement the session calls, in this order:
//
//	rows:      Columns, Batch..., Complete   (or Suspended in Execute)
//	COPY out:  CopyOut, Batch..., Complete
//	COPY in:   CopyIn, reading to the end of its reader, Complete
//	others:    Complete
//	no text:   Empty
//
// Notice and Flush may stand anywhere between. Any error of a method is to be returned at once: the client is gone, or
// a value cannot be sent. When a statement fails, the session returns the error and calls nothing more. All methods
// are called from the goroutine that runs the statement. The writer keeps nothing of what it is given.
type ResultWriter interface {
	// Columns begins a result set. f is the session's format now, for values sent as text. A RowDescription is sent in
	// the simple protocol only.
	Columns(cols []Column, f *types.Format) error

	// Batch sends the rows of b, each once: weights are ignored. The columns lie as the types given to Columns
	// or CopyOut say; a column may also be arrow.String whatever its type, and then holds the text form (regclass by
	// name, records). Rows are sent on when about 64 kB are together, and at the end.
	Batch(b *types.Batch) error

	// Flush sends on what is there. A live query calls it after each batch, before it waits.
	Flush() error

	// CopyIn asks the client for data and gives a reader of it; io.EOF is the client's CopyDone. CopyFail is 57014.
	// The reader ends with an error when the statement is cancelled. It is good until the statement ends.
	CopyIn(f copyfmt.Format, columns int) (io.Reader, error)

	// CopyOut begins COPY TO STDOUT, with header line as o says; one message a row. f as in Columns.
	CopyOut(cols []Column, o *copyfmt.Options, f *types.Format) error

	// Notice sends a notice. A live query flushes after it.
	Notice(n Notice) error

	// Complete ends a statement with its command tag: "SELECT 5", "INSERT 0 3", "CREATE TABLE".
	Complete(tag string) error

	// Suspended ends an Execute with a row limit that did not reach the portal's end.
	Suspended() error

	// Empty ends a statement without text.
	Empty() error
}
