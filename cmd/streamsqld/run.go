package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/stream"
)

type runCmd struct {
	File      string `arg:"" help:"The script: statements, each ended by a semicolon. COPY ... FROM STDIN reads standard input." type:"existingfile"`
	UntilDone bool   `help:"End as soon as every query has finished (triggers once and available_now) or has processed all there is. Without it a script that leaves queries running goes on until it is interrupted."`
	DataDir   string `help:"Keep everything in this directory. Without it all is forgotten at the end." placeholder:"DIR"`
	Quiet     bool   `short:"q" help:"Print tables only, no command tags."`
}

// Run runs the script; its first error ends it.
func (c *runCmd) Run(log *slog.Logger) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	n, err := openNode(context.Background(), c.DataDir, log)
	if err != nil {
		return err
	}
	err = c.script(ctx, n, string(text))
	if err == nil {
		err = c.settle(ctx, n)
	}
	stop() // a second signal ends the process
	return errors.Join(err, n.close())
}

// script runs the statements one after the other, each in a transaction of its own.
func (c *runCmd) script(ctx context.Context, n *node, text string) error {
	list, err := parser.Parse(text)
	if err != nil {
		return scriptError(c.File, text, 0, err)
	}
	s, err := n.local(ctx, "script")
	if err != nil {
		return err
	}
	defer s.Close()
	p := &printer{out: os.Stdout, quiet: c.Quiet}
	for _, st := range list {
		if err := s.Query(ctx, st.Text, p); err != nil {
			return scriptError(c.File, text, st.Start, err)
		}
		if err := printUpdates(s, p); err != nil {
			return err
		}
	}
	return nil
}

func printUpdates(s engine.Session, p *printer) error {
	for _, n := range s.Updates().Notices {
		if err := p.Notice(n); err != nil {
			return err
		}
	}
	return nil
}

// scriptError prints an error as psql does, with its line and a caret; start is where the statement begins in the text.
func scriptError(file, text string, start int, err error) error {
	e := sqlerr.From(err)
	at := start
	if e.Pos > 0 {
		at = min(start+e.Pos-1, len(text))
	}
	line := strings.Count(text[:at], "\n") + 1
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: ERROR:  %s: %s", file, line, e.Code, e.Message)
	if e.Pos > 0 {
		begin := strings.LastIndexByte(text[:at], '\n') + 1
		whole, _, _ := strings.Cut(text[begin:], "\n")
		prefix := fmt.Sprintf("LINE %d: ", line)
		indent := utf8.RuneCountInString(prefix + text[begin:at])
		fmt.Fprintf(&b, "\n%s%s\n%s^", prefix, strings.ReplaceAll(whole, "\t", " "), strings.Repeat(" ", indent))
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, "\nDETAIL:  %s", e.Detail)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "\nHINT:  %s", e.Hint)
	}
	return errors.New(b.String())
}

// settle waits for the queries: until they are done, or without --until-done for ever. A failed query is an error.
func (c *runCmd) settle(ctx context.Context, n *node) error {
	for ctx.Err() == nil {
		running, endless, err := survey(n.engine.Manager().Infos())
		switch {
		case err != nil || running == 0:
			return err
		case c.UntilDone && running == len(endless):
			return n.engine.Manager().Flush(ctx, endless)
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// survey counts the running queries, and lists those that never stop by themselves.
func survey(infos []stream.Info) (running int, endless []uint32, err error) {
	for _, i := range infos {
		switch i.Status {
		case stream.Failed:
			err = errors.Join(err, fmt.Errorf("%s %q failed: %s: %s", i.Rel.Kind, i.Rel.Name, i.ErrorCode, i.Error))
		case stream.Running:
			running++
			if i.Rel.Trigger != "once" && i.Rel.Trigger != "available_now" {
				endless = append(endless, i.Rel.OID)
			}
		}
	}
	return running, endless, err
}
