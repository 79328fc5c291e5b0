package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// fileInfo is a file of a step.
type fileInfo struct {
	Path  string `json:"path"` // below the sink's path
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
}

// manifest is a line of the log: what a step put there. In complete mode it is the whole result.
type manifest struct {
	Step  int64      `json:"step"`
	Files []fileInfo `json:"files"`
}

// Stage makes the step's files durable; see connector.Sink.
func (s *sink) Stage(_ context.Context, n int64) error {
	if s.step != n {
		return os.RemoveAll(s.stepDir(n)) // nothing was written; a try before a crash may have left something
	}
	defer s.drop()
	if s.err != nil {
		return s.err
	}
	if err := s.finish(); err != nil {
		return err
	}
	slices.SortFunc(s.done, func(a, b fileInfo) int { return bytes.Compare([]byte(a.Path), []byte(b.Path)) })
	list, err := json.Marshal(manifest{n, s.done})
	if err != nil {
		return err
	}
	dir := s.stepDir(n)
	if err := writeSynced(filepath.Join(dir, listName), list); err != nil {
		return err
	}
	dirs := []string{s.staging(), dir}
	for _, f := range s.done {
		for d := filepath.Dir(f.Path); d != "."; d = filepath.Dir(d) {
			dirs = append(dirs, filepath.Join(dir, d))
		}
	}
	return syncDirs(dirs...)
}

// Publish renames the step's files into their places; see connector.Sink.
func (s *sink) Publish(_ context.Context, n int64) error {
	dir := s.stepDir(n)
	var m manifest
	list, err := os.ReadFile(filepath.Join(dir, listName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.cleanUp(n) // published before, or nothing was written
	case err != nil:
		return writeErr(dir, err)
	}
	if err := json.Unmarshal(list, &m); err != nil {
		return writeErr(dir, err)
	}
	var dirs []string
	for _, f := range m.Files {
		to := filepath.Join(s.root, f.Path)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return writeErr(to, err)
		}
		if err := os.Rename(filepath.Join(dir, f.Path), to); err != nil && !exists(to) {
			return writeErr(to, err)
		}
		for d := filepath.Dir(f.Path); ; d = filepath.Dir(d) {
			dirs = append(dirs, filepath.Join(s.root, d))
			if d == "." {
				break
			}
		}
	}
	if err := syncDirs(dirs...); err != nil {
		return err
	}
	if err := s.note(n, list); err != nil {
		return err
	}
	return s.cleanUp(n)
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// note puts the step into the log, once.
func (s *sink) note(n int64, line []byte) error {
	if s.logSize < 0 {
		steps, size, err := s.readLog()
		if err != nil {
			return err
		}
		s.logSize = size
		if len(steps) > 0 {
			s.noted = steps[len(steps)-1].Step
		}
	}
	if s.noted >= n {
		return nil
	}
	path := s.logPath()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return writeErr(path, err)
	}
	defer f.Close()
	if err := f.Truncate(s.logSize); err != nil { // a line that a crash cut off
		return writeErr(path, err)
	}
	if _, err := f.WriteAt(append(line, '\n'), s.logSize); err != nil {
		return writeErr(path, err)
	}
	if err := f.Sync(); err != nil {
		return writeErr(path, err)
	}
	if s.logSize == 0 {
		if err := syncDirs(filepath.Dir(path)); err != nil {
			return err
		}
	}
	s.noted, s.logSize = n, s.logSize+int64(len(line))+1
	return nil
}

// readLog gives the steps of the log and the size of its whole lines.
func (s *sink) readLog() (steps []manifest, size int64, err error) {
	b, err := os.ReadFile(s.logPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, writeErr(s.logPath(), err)
	}
	b = b[:bytes.LastIndexByte(b, '\n')+1]
	for line := range bytes.Lines(b) {
		var m manifest
		if err := json.Unmarshal(line, &m); err != nil {
			return nil, 0, writeErr(s.logPath(), err)
		}
		steps = append(steps, m)
	}
	return steps, int64(len(b)), nil
}

// cleanUp removes the staging directory of a published step and, in complete mode, the result before it.
func (s *sink) cleanUp(n int64) error {
	if s.complete {
		if err := s.replace(); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(s.stepDir(n)); err != nil {
		return writeErr(s.stepDir(n), err)
	}
	return nil
}

// replace removes the files of all steps but the last one, then these steps from the log.
func (s *sink) replace() error {
	steps, _, err := s.readLog()
	if err != nil || len(steps) < 2 {
		return err
	}
	for _, m := range steps[:len(steps)-1] {
		for _, f := range m.Files {
			if err := os.Remove(filepath.Join(s.root, f.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return writeErr(f.Path, err)
			}
		}
	}
	line, err := json.Marshal(steps[len(steps)-1])
	if err != nil {
		return err
	}
	if err := writeSynced(s.logPath()+".new", append(line, '\n')); err != nil {
		return err
	}
	if err := os.Rename(s.logPath()+".new", s.logPath()); err != nil {
		return writeErr(s.logPath(), err)
	}
	s.logSize = int64(len(line)) + 1
	return syncDirs(filepath.Dir(s.logPath()))
}

// Abandon removes what was staged for steps above n; see connector.Sink.
func (s *sink) Abandon(_ context.Context, n int64) error {
	s.drop()
	entries, err := os.ReadDir(s.staging())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writeErr(s.staging(), err)
	}
	for _, e := range entries {
		step, err := strconv.ParseInt(e.Name(), 10, 64)
		if err != nil || step <= n {
			continue
		}
		if err := os.RemoveAll(s.stepDir(step)); err != nil {
			return writeErr(s.stepDir(step), err)
		}
	}
	return nil
}

func writeSynced(path string, b []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return writeErr(path, err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return writeErr(path, err)
	}
	return nil
}

// syncDirs makes the names in directories durable, each once.
func syncDirs(dirs ...string) error {
	slices.Sort(dirs)
	for _, d := range slices.Compact(dirs) {
		f, err := os.Open(d)
		if err != nil {
			return writeErr(d, err)
		}
		err = f.Sync()
		f.Close()
		if err != nil {
			return writeErr(d, err)
		}
	}
	return nil
}
