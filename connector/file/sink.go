package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// sink writes the rows of step n to files under PATH/.staging/ID/n/, laid out as they will be under PATH:
//
//	Write    appends to part files there; nobody looks at names that begin with a dot
//	Stage    closes them, writes their list beside them, and syncs files and directories
//	Publish  renames each file into its place, notes the step in PATH/_streamsqld/ID.log (one JSON line each), and removes the staging
//	         directory. Every part of this may be done again. In complete mode the files of earlier steps are removed at the end
//	Abandon  removes the staging directories of later steps
//
// A part is named part-STEP-NUMBER-ID; ID tells sinks over one directory apart, and a sink that was dropped and created again.
type sink struct {
	root     string
	id       string
	format   string
	codec    string
	roll     int64
	every    time.Duration // 0: files are not rolled by time
	complete bool
	opts     catalog.Options
	part     []int // partition columns
	cols     []catalog.Column
	rest     []int // columns in the files
	restCols []catalog.Column

	step   int64 // of the open files, -1: none
	open   map[string]*part
	done   []fileInfo
	number int
	err    error // of an earlier Write: the step cannot be staged

	noted, logSize int64 // last step in the log; its bytes, -1: not read yet
}

// maxOpen bounds the files that are open at once.
const maxOpen = 256

const (
	stagingDir  = ".staging"
	manifestDir = "_streamsqld"
	listName    = "files.json"
)

func openSink(_ context.Context, c connector.SinkConfig) (connector.Sink, error) {
	o := c.Rel.Options
	root, err := localPath(connector.String(o, "path", ""))
	if err != nil {
		return nil, err
	}
	s := &sink{root: root, id: strconv.FormatInt(max(c.Rel.Created, 0), 36), format: formatOf(o), opts: o, step: -1, noted: -1, logSize: -1, complete: c.Rel.Mode == "complete",
		codec: strings.ToLower(connector.String(o, "compression", "none")), roll: connector.Size(o, "roll_size", 128<<20)}
	if s.every, err = connector.ParseDuration(connector.String(o, "roll_interval", "0 seconds")); err != nil {
		return nil, err
	}
	if _, ok := o.Get("compression"); !ok && s.format == "parquet" {
		s.codec = "zstd"
	}
	for _, col := range c.Rel.Columns {
		if !col.Hidden && !col.Dropped {
			s.cols = append(s.cols, col)
		}
	}
	if err := s.partitions(connector.String(o, "partition_by", "")); err != nil {
		return nil, err
	}
	if s.format != "parquet" {
		if _, err := format.NewEncoder(s.format, s.restCols, o); err != nil {
			return nil, err
		}
	}
	for _, d := range []string{s.staging(), filepath.Join(s.root, manifestDir)} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, writeErr(d, err)
		}
	}
	return s, syncDirs(s.root, filepath.Join(s.root, stagingDir), filepath.Join(s.root, manifestDir))
}

// partitions settles which columns become directories.
func (s *sink) partitions(list string) error {
	var err error
	if s.part, err = partitionBy(s.cols, list); err != nil {
		return err
	}
	for i, c := range s.cols {
		if !slices.Contains(s.part, i) {
			s.rest = append(s.rest, i)
			s.restCols = append(s.restCols, c)
		}
	}
	if len(s.rest) == 0 {
		e := sqlerr.New(sqlerr.InvalidParameterValue, "option \"partition_by\" leaves no column for the files")
		e.Column = "partition_by"
		return e
	}
	return nil
}

func (s *sink) staging() string { return filepath.Join(s.root, stagingDir, s.id) }

func (s *sink) stepDir(n int64) string { return filepath.Join(s.staging(), strconv.FormatInt(n, 10)) }

func (s *sink) logPath() string { return filepath.Join(s.root, manifestDir, s.id+".log") }

// TakesDeletes is false: a file only gets rows. In update mode the new row of a key is one more row.
func (s *sink) TakesDeletes() bool { return false }

// Write appends rows to the step's part files; see connector.Sink.
func (s *sink) Write(_ context.Context, n int64, c connector.Changes) error {
	if s.step != n {
		if err := s.begin(n); err != nil {
			return err
		}
	}
	b := c.Batch
	if slices.Contains(c.Ops, connector.Delete) {
		var keep []int32
		for i, op := range c.Ops {
			if op != connector.Delete {
				keep = append(keep, int32(i))
			}
		}
		b = types.Filter(b, keep)
	}
	if b.N == 0 {
		return nil
	}
	s.err = s.write(b)
	return s.err
}

// begin opens step n; what an earlier try left of it goes.
func (s *sink) begin(n int64) error {
	s.drop()
	if err := os.RemoveAll(s.stepDir(n)); err != nil {
		return writeErr(s.stepDir(n), err)
	}
	if err := os.MkdirAll(s.stepDir(n), 0o755); err != nil {
		return writeErr(s.stepDir(n), err)
	}
	s.step, s.open, s.done, s.number, s.err = n, map[string]*part{}, nil, 0, nil
	return nil
}

func (s *sink) write(b *types.Batch) error {
	if len(s.part) == 0 {
		return s.append("", b.Project(s.rest))
	}
	dirs, rows := s.split(b)
	for k, dir := range dirs {
		if err := s.append(dir, types.Filter(b, rows[k]).Project(s.rest)); err != nil {
			return err
		}
	}
	return nil
}

// split sorts the rows by their directory, in the order in which the directories first come.
func (s *sink) split(b *types.Batch) (dirs []string, rows [][]int32) {
	at := map[string]int{}
	var key, last []byte
	k := -1
	for i := range b.N {
		key = key[:0]
		for _, c := range s.part {
			key = appendDir(key, s.cols[c], b, c, i)
		}
		if k < 0 || string(key) != string(last) {
			var ok bool
			if k, ok = at[string(key)]; !ok {
				k = len(dirs)
				at[string(key)] = k
				dirs, rows = append(dirs, string(key)), append(rows, nil)
			}
			last = append(last[:0], key...)
		}
		rows[k] = append(rows[k], int32(i))
	}
	return dirs, rows
}

// appendDir appends "/column=value"; what a directory's name cannot have is written as %XX, as Hive does.
func appendDir(dst []byte, col catalog.Column, b *types.Batch, c, i int) []byte {
	if len(dst) > 0 {
		dst = append(dst, '/')
	}
	dst = append(appendEscaped(dst, []byte(col.Name)), '=')
	if b.Cols[c].IsNull(i) {
		return append(dst, "__HIVE_DEFAULT_PARTITION__"...)
	}
	return appendEscaped(dst, types.AppendText(nil, b.Cols[c], i, col.Type, nil))
}

func appendEscaped(dst, s []byte) []byte {
	for _, b := range s {
		if b < 0x20 || b == 0x7f || strings.IndexByte(`"#%'*/:=?\{[]^`, b) >= 0 {
			dst = fmt.Appendf(dst, "%%%02X", b)
		} else {
			dst = append(dst, b)
		}
	}
	return dst
}

// append writes rows to the open part of a directory.
func (s *sink) append(dir string, b *types.Batch) error {
	p := s.open[dir]
	if p == nil {
		if len(s.open) >= maxOpen {
			if err := s.finish(); err != nil {
				return err
			}
		}
		var err error
		if p, err = s.newPart(dir); err != nil {
			return err
		}
		s.open[dir] = p
	}
	if err := p.write(b); err != nil {
		return writeErr(p.path, err)
	}
	if p.bytes.n+int64(len(p.buf)) < s.roll && (s.every == 0 || time.Since(p.begun) < s.every) {
		return nil
	}
	delete(s.open, dir)
	return s.close(p)
}

// finish closes all open parts.
func (s *sink) finish() error {
	for dir, p := range s.open {
		delete(s.open, dir)
		if err := s.close(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *sink) close(p *part) error {
	if err := p.close(); err != nil {
		return writeErr(p.path, err)
	}
	s.done = append(s.done, fileInfo{Path: p.rel, Rows: p.rows, Bytes: p.bytes.n})
	return nil
}

// drop forgets the open files.
func (s *sink) drop() {
	for _, p := range s.open {
		p.file.Close()
	}
	s.step, s.open, s.done = -1, nil, nil
}

// Close leaves what was staged; see connector.Sink.
func (s *sink) Close() error { s.drop(); return nil }

func writeErr(path string, err error) error {
	code := sqlerr.IOError
	if strings.Contains(err.Error(), "no space left") {
		code = sqlerr.DiskFull
	}
	return sqlerr.Wrap(err, code, "could not write %q: %v", path, err)
}
