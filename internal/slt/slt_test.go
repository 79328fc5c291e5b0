package slt

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/connector/builtin"
	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/wire"
)

var (
	rewrite = flag.Bool("rewrite", false, "write the results that the server gives into the files")
	verbose = flag.Bool("server-log", false, "show the server's log")
)

// startServer runs a server in this process on a loopback socket, with a data directory of its own.
func startServer(t *testing.T) (dsn string) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if *verbose {
		log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	store, err := state.Open(filepath.Join(t.TempDir(), "data"), nil, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(context.Background(), engine.Config{Store: store, Connectors: builtin.Connectors(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := wire.NewServer(wire.Config{Engine: e, Log: log})
	go srv.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Error("shutdown of the sessions:", err)
		}
		if err := e.Shutdown(ctx); err != nil {
			t.Error("shutdown of the queries:", err)
		}
		if err := store.Close(); err != nil {
			t.Error("close of the store:", err)
		}
	})
	return "postgres://tester@" + l.Addr().String() + "/test?sslmode=disable"
}

// TestFiles runs every file against a fresh server.
func TestFiles(t *testing.T) {
	all := files(t, func(string) bool { return true })
	if len(all) < 40 {
		t.Fatalf("only %d files", len(all))
	}
	slots := make(chan struct{}, 2)
	for _, name := range all {
		rel, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.ToSlash(rel), ".slt"), func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			runFile(t, name, startServer(t), "streamsqld", *rewrite)
		})
	}
}
