package wire

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

const (
	severityError = "ERROR"
	severityFatal = "FATAL"
)

// sendError puts an ErrorResponse into the buffer. text is what err's position points into.
func (c *conn) sendError(err error, severity, text string) {
	e := sqlerr.From(err)
	c.srv.metrics.errors.WithLabelValues(e.Code).Inc()
	m := response(e, severity)
	m.Position = charPos(text, e.Pos)
	c.send(m)
}

func (c *conn) sendNotice(n engine.Notice, text string) {
	m := pgproto3.NoticeResponse(*response(n.Error, n.Severity))
	m.Position = charPos(text, n.Error.Pos)
	c.send(&m)
}

func response(e *sqlerr.Error, severity string) *pgproto3.ErrorResponse {
	return &pgproto3.ErrorResponse{
		Severity: severity, SeverityUnlocalized: severity, Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint, Where: e.Where,
		SchemaName: e.Schema, TableName: e.Table, ColumnName: e.Column, DataTypeName: e.DataType, ConstraintName: e.Constraint,
	}
}

// charPos turns a 1-based byte offset in text into the protocol's 1-based count of characters. The end of the text is
// where `syntax error at end of input` points; 0 and what lies outside give 0, no position.
func charPos(text string, pos int) int32 {
	if pos <= 0 || pos > len(text)+1 {
		return 0
	}
	return int32(utf8.RuneCountInString(text[:pos-1])) + 1
}

// causeOf is the error to report for err, which came from a call under ctx: a session that only says
// that its context is done is given the reason.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	var e *sqlerr.Error
	if !errors.As(err, &e) && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return context.Cause(ctx)
	}
	return err
}
