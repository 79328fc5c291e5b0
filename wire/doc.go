// Package wire serves the PostgreSQL protocol, versions 3.0 to 3.2.
//
// A connection is accepted by Server.Serve and begins in startup.go: SSLRequest, GSSENCRequest, CancelRequest or the
// start-up message, whose version is negotiated, then authentication (auth.go) and the session of the engine. conn.go is
// the loop that takes one message after another and calls the session (engine.Session); simple.go and extended.go are
// what each message does. While a statement runs, watch.go looks whether the client is still there, and cancel.go lets
// others end it. Results come back through writer.go, an engine.ResultWriter, whose rows are written by rows.go as
// DataRow messages straight into the connection's buffer. Every other message is encoded by pgproto3 into the same buffer,
// so that all leave in order.
//
// Bytes leave at ReadyForQuery, Flush, an error, when the buffer holds 64 kB, and when the engine says so.
package wire
