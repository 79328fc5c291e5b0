// Package sqlerr is the one error type that reaches a client: a SQLSTATE, a message in
// PostgreSQL's words, and, where they help, a position, a detail and a hint that says what to do.
//
// An error is made where the fault is known and carried up unchanged; layers above add a
// position (At) when the layer below could not know it. The wire turns it into an ErrorResponse.
package sqlerr

import (
	"errors"
	"fmt"
)

// Error is what a client is told. The zero Pos means that there is no position.
type Error struct {
	Code    string // SQLSTATE, five characters
	Message string
	Detail  string
	Hint    string
	Where   string // field W, which psql prints as CONTEXT: `COPY t, line 3, column a: "x"`
	Pos     int    // 1-based byte offset in the text of the statement; 0: none

	Schema, Table, Column, DataType, Constraint string // fields s t c d n of ErrorResponse

	cause error
}

// New makes an error with the given SQLSTATE; format and args are as in fmt.Sprintf.
func New(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an error that keeps err as its cause, for errors.Is and errors.As.
func Wrap(err error, code, format string, args ...any) *Error {
	e := New(code, format, args...)
	e.cause = err
	return e
}

func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause of Wrap.
func (e *Error) Unwrap() error { return e.cause }

// At sets the position from a 0-based byte offset; a negative offset means none. It returns e.
func (e *Error) At(offset int) *Error {
	if offset >= 0 {
		e.Pos = offset + 1
	}
	return e
}

// WithHint sets the hint and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithDetail sets the detail and returns e.
func (e *Error) WithDetail(format string, args ...any) *Error {
	e.Detail = fmt.Sprintf(format, args...)
	return e
}

// From gives err as *Error; any other error becomes an XX000, which means a bug of ours.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Wrap(err, InternalError, "%s", err.Error())
}

// AtDefault sets the position of err where it has none yet.
func AtDefault(err error, offset int) error {
	var e *Error
	if errors.As(err, &e) && e.Pos == 0 && offset >= 0 {
		c := *e
		c.Pos = offset + 1
		return &c
	}
	return err
}
