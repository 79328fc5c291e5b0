package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/streamsqld/streamsqld/connector/builtin"
	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"
)

// reserveBytes of the data directory's disk are set aside for when it is full.
const reserveBytes = 64 << 20

// node is a store with the engine over it.
type node struct {
	store  *state.Store
	engine *engine.Engine
}

// openNode opens the store in dir ("": in memory) and starts the engine, with the queries that ran.
func openNode(ctx context.Context, dir string, log *slog.Logger) (*node, error) {
	var fs state.FS
	opts := state.Options{Fatal: func(reason string) {
		log.Error("the store cannot be written any more, the server ends; what was committed is there after a restart", "reason", reason)
		os.Exit(1)
	}}
	if dir == "" {
		fs = state.NewMemory()
	} else {
		opts.ReserveBytes = reserveBytes
	}
	store, err := state.Open(dir, fs, opts)
	if err != nil {
		if errors.Is(err, syscall.EAGAIN) || strings.Contains(err.Error(), "lock") {
			return nil, fmt.Errorf("the data directory %s is in use: another streamsqld runs on it (%w)", dir, err)
		}
		return nil, err
	}
	temp, err := tempDir(dir)
	if err != nil {
		store.Close()
		return nil, err
	}
	e, err := engine.Open(ctx, engine.Config{Store: store, Connectors: builtin.Connectors(), Log: log, TempDir: temp})
	if err != nil {
		store.Close()
		return nil, err
	}
	return &node{store: store, engine: e}, nil
}

// tempDir empties and makes the directory for what queries cannot hold in memory ("": the system's).
func tempDir(dir string) (string, error) {
	if dir == "" {
		return "", nil
	}
	temp := filepath.Join(dir, "temp")
	if err := os.RemoveAll(temp); err != nil {
		return "", err
	}
	return temp, os.Mkdir(temp, 0o700)
}

// close lets running triggers finish and commit, for a minute at most, and closes the store.
func (n *node) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return errors.Join(n.engine.Shutdown(ctx), n.store.Close())
}

// local opens a session of this process.
func (n *node) local(ctx context.Context, name string) (engine.Session, error) {
	return n.engine.Connect(ctx, engine.StartupInfo{
		User: "streamsqld", Database: "streamsqld", Remote: "local", Settings: []engine.KV{{Name: "application_name", Value: name}},
		Interrupt: func(*sqlerr.Error) {}, Terminate: func() {}, Wake: func() {},
	})
}
