// Package socket receives lines over TCP: it connects to a listener, such as nc -lk 9000, and reads text, csv or json. Its rows cannot be read
// again, so the server appends them to the stream's durable log before anything else. While one delivery is being made durable the
// next rows gather, so that bursts go in large pieces and single rows at once.
package socket

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Def is the connector socket.
var Def = connector.Def{
	Name:         "socket",
	OpenReceiver: open,
	Infer:        infer,
	Doc:          "lines from a TCP listener that the server connects to",
	Options: []connector.OptionDef{
		{Name: "host", Kind: "string", Required: true, Source: true, Doc: "the listener's host"},
		{Name: "port", Kind: "int", Required: true, Source: true, Doc: "the listener's port"},
		{Name: "format", Kind: "enum", Enum: []string{"text", "csv", "json"}, Source: true, Doc: "default text"},
		{Name: "pattern", Kind: "string", Source: true, Doc: "text: a regular expression whose named groups fill the columns"},
		{Name: "header", Kind: "bool", Source: true, Doc: "csv: the first line of each connection has the names of the columns"},
		{Name: "delimiter", Kind: "string", Source: true, Doc: "csv: default ','"},
		{Name: "quote", Kind: "string", Source: true, Doc: `csv: default '"'`},
		{Name: "escape", Kind: "string", Source: true, Doc: "csv: default the quote"},
		{Name: "null", Kind: "string", Source: true, Doc: "csv: what stands for NULL, default nothing"},
	},
}

const (
	readSize = 256 << 10
	maxLine  = 64 << 20
	minPause = 100 * time.Millisecond
	maxPause = 5 * time.Second
)

func formatOf(o catalog.Options) string {
	return strings.ToLower(connector.String(o, "format", "text"))
}

func infer(_ context.Context, o catalog.Options) ([]catalog.Column, *catalog.Watermark, error) {
	if formatOf(o) != "text" {
		return nil, nil, sqlerr.New(sqlerr.InvalidTableDefinition, "a socket stream with format %s needs columns", formatOf(o)).WithHint("Declare the columns.")
	}
	cols, err := format.Infer("text", nil, o)
	return cols, nil, err
}

type receiver struct {
	rel    *catalog.Relation
	log    *slog.Logger
	addr   string
	format string
	cols   []catalog.Column // those that the lines fill
	place  []int            // of a column of rel in cols, -1: not in the lines, null
}

func open(_ context.Context, c connector.SourceConfig) (connector.Receiver, error) {
	o := c.Rel.Options
	port := connector.Int(o, "port", 0)
	if port < 1 || port > 65535 {
		e := sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option \"port\": \"%d\"", port)
		e.Column = "port"
		return nil, e
	}
	r := &receiver{rel: c.Rel, log: c.Log, addr: net.JoinHostPort(connector.String(o, "host", ""), fmt.Sprint(port)), format: formatOf(o)}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	for _, col := range c.Rel.Columns {
		if col.Hidden || col.Dropped || col.Generated != "" {
			r.place = append(r.place, -1)
			continue
		}
		r.place = append(r.place, len(r.cols))
		r.cols = append(r.cols, col)
	}
	_, err := r.decoder(nil, nil)
	return r, err
}

func (r *receiver) decoder(head []byte, onBad func(raw []byte, reason string, offset int) error) (format.Decoder, error) {
	want := make([]int, len(r.cols))
	for i := range want {
		want[i] = i
	}
	return format.NewDecoder(r.format, format.Config{Cols: r.cols, Want: want, Options: r.rel.Options, Header: head, OnBad: onBad})
}

// Run connects, reads until the other side closes, and connects again; see connector.Receiver.
func (r *receiver) Run(ctx context.Context, deliver func(*types.Batch) error, onBad func(connector.Bad) error) error {
	pause := minPause
	for {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", r.addr)
		if err == nil {
			pause = minPause
			c := &connection{r: r, conn: conn, deliver: deliver, onBad: onBad}
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			err = c.run()
			stop()
			conn.Close()
			if c.fatal != nil {
				return c.fatal
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.log.Warn("socket: not connected, trying again", "address", r.addr, "in", pause, "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

func (r *receiver) Close() error { return nil }

// connection is one connection until it ends.
type connection struct {
	r       *receiver
	conn    net.Conn
	dec     format.Decoder
	deliver func(*types.Batch) error
	onBad   func(connector.Bad) error
	chunk   []byte
	lines   int64 // before the chunk
	fatal   error // of deliver or onBad: the receiver stops
}

func (c *connection) run() error {
	buf := make([]byte, 0, readSize)
	for {
		if len(buf) == cap(buf) {
			if len(buf) >= maxLine {
				return fmt.Errorf("a line is longer than %d MB", maxLine>>20)
			}
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := c.conn.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		use := bytes.LastIndexByte(buf, '\n') + 1
		if err == io.EOF {
			use = len(buf)
		}
		if use > 0 {
			if c.fatal = c.lineEnd(buf[:use]); c.fatal != nil {
				return c.fatal
			}
			buf = buf[:copy(buf, buf[use:])]
		}
		if err != nil {
			return err
		}
	}
}

// lineEnd decodes whole lines.
func (c *connection) lineEnd(b []byte) (err error) {
	if c.dec == nil {
		var head []byte
		if format.Header(c.r.format, c.r.rel.Options) {
			n := bytes.IndexByte(b, '\n') + 1
			head, b = bytes.Clone(b[:n]), b[n:]
			c.lines++
		}
		if c.dec, err = c.r.decoder(head, c.bad); err != nil {
			return err
		}
	}
	c.chunk = b
	err = c.dec.Decode(b, c.emit)
	c.lines += int64(bytes.Count(b, []byte{'\n'}))
	return err
}

func (c *connection) emit(b *types.Batch) error {
	out := &types.Batch{N: b.N, Cols: make([]arrow.Array, len(c.r.place))}
	for i, p := range c.r.place {
		if p >= 0 {
			out.Cols[i] = b.Cols[p]
		} else {
			out.Cols[i] = types.Nulls(c.r.rel.Columns[i].Type, b.N)
		}
	}
	return c.deliver(out)
}

func (c *connection) bad(raw []byte, reason string, offset int) error {
	line := c.lines + int64(bytes.Count(c.chunk[:offset], []byte{'\n'})) + 1
	return c.onBad(connector.Bad{Raw: string(raw), Reason: reason, Source: fmt.Sprintf("%s line %d", c.r.addr, line)})
}
