package stream

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// input is a relation as a query reads it: a log, a table, or a connector's source. Positions are the query's own; nil is the beginning.
type input interface {
	// latest gives the newest position under the limits; equal to from where there is nothing. more: the limits cut it.
	latest(ctx context.Context, from connector.Position, lim connector.Limits) (to connector.Position, more bool, err error)
	// empty says that (from, to] surely has no rows.
	empty(from, to connector.Position) bool
	read(ctx context.Context, from, to connector.Position, want connector.Want) (splits []types.Split, release func(), err error)
	// wait returns when there may be something after from.
	wait(ctx context.Context, from connector.Position) error
	// watermark is what a view's result passes on at the position; exec.NoWatermark where it has none.
	watermark(at connector.Position) int64
	hold(reader string, at connector.Position)
	unhold(reader string)
	describe(p connector.Position) string
	lag(p connector.Position) int64
}

func number(p connector.Position) int64 {
	if len(p) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(p))
}

func position(n int64) connector.Position {
	return binary.BigEndian.AppendUint64(nil, uint64(n))
}

func nothing() {}

// logInput reads a stream's log; a position is a number of rows.
type logInput struct{ l *state.Log }

func (in logInput) latest(_ context.Context, from connector.Position, lim connector.Limits) (connector.Position, bool, error) {
	at, end := max(number(from), in.l.Oldest()), in.l.Version()
	if end <= at {
		return from, false, nil
	}
	if lim.Rows > 0 && end-at > lim.Rows {
		return position(at + lim.Rows), true, nil
	}
	return position(end), false, nil
}

func (in logInput) empty(from, to connector.Position) bool { return number(to) <= number(from) }

func (in logInput) read(_ context.Context, from, to connector.Position, want connector.Want) ([]types.Split, func(), error) {
	s, err := in.l.Changes(number(from), number(to), want.Cols)
	return s, nothing, err
}

func (in logInput) wait(ctx context.Context, from connector.Position) error {
	return in.l.Wait(ctx, max(number(from), in.l.Oldest()))
}

func (in logInput) watermark(connector.Position) int64        { return state.NoWatermark }
func (in logInput) hold(reader string, at connector.Position) { in.l.Hold(reader, number(at)) }
func (in logInput) unhold(reader string)                      { in.l.Unhold(reader) }
func (in logInput) describe(p connector.Position) string      { return fmt.Sprint(number(p)) }
func (in logInput) lag(p connector.Position) int64            { return in.l.Version() - number(p) }

// tableInput reads a table or a view's result: first all its rows, then its changes. A position is a version.
type tableInput struct {
	t *state.Table
	// delay is how far the column that carries time may lie behind the view's watermark.
	delay int64
}

func (in tableInput) latest(_ context.Context, from connector.Position, lim connector.Limits) (connector.Position, bool, error) {
	v := in.t.Version()
	if from == nil {
		return position(v), false, nil
	}
	if v <= number(from) {
		return from, false, nil
	}
	if lim.Rows > 0 {
		if cut := in.t.Cut(number(from), v, lim.Rows); cut < v {
			return position(cut), true, nil
		}
	}
	return position(v), false, nil
}

func (in tableInput) empty(from, to connector.Position) bool {
	if from == nil {
		return in.t.Rows() == 0
	}
	return in.t.Changed(number(from), number(to)) == 0
}

func (in tableInput) read(_ context.Context, from, to connector.Position, want connector.Want) ([]types.Split, func(), error) {
	if from == nil {
		return in.t.Snapshot(number(to), want.Cols)
	}
	s, err := in.t.Changes(number(from), number(to), want.Cols)
	return s, nothing, err
}

func (in tableInput) wait(ctx context.Context, from connector.Position) error {
	return in.t.Wait(ctx, number(from))
}

func (in tableInput) watermark(at connector.Position) int64 {
	if w := in.t.Watermark(number(at)); w != state.NoWatermark {
		return w - in.delay
	}
	return state.NoWatermark
}

func (in tableInput) hold(reader string, at connector.Position) {
	if at == nil {
		in.t.Unhold(reader) // it will begin with all the rows
		return
	}
	in.t.Hold(reader, number(at))
}
func (in tableInput) unhold(reader string)                 { in.t.Unhold(reader) }
func (in tableInput) describe(p connector.Position) string { return fmt.Sprint(number(p)) }
func (in tableInput) lag(p connector.Position) int64 {
	if p == nil {
		return in.t.Rows()
	}
	return in.t.Changed(number(p), in.t.Version())
}

// sourceInput reads through a connector.
type sourceInput struct{ s connector.Source }

func (in sourceInput) latest(ctx context.Context, from connector.Position, lim connector.Limits) (connector.Position, bool, error) {
	return in.s.Latest(ctx, from, lim)
}

func (in sourceInput) empty(from, to connector.Position) bool { return bytes.Equal(from, to) }

func (in sourceInput) read(ctx context.Context, from, to connector.Position, want connector.Want) ([]types.Split, func(), error) {
	s, err := in.s.Splits(ctx, from, to, want)
	return s, nothing, err
}

func (in sourceInput) wait(ctx context.Context, from connector.Position) error {
	return in.s.Wait(ctx, from)
}
func (in sourceInput) watermark(connector.Position) int64   { return state.NoWatermark }
func (in sourceInput) hold(string, connector.Position)      {}
func (in sourceInput) unhold(string)                        {}
func (in sourceInput) describe(p connector.Position) string { return in.s.Describe(p) }
func (in sourceInput) lag(p connector.Position) int64       { return in.s.Lag(p) }
