package slt

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Record is one record of a file.
type Record struct {
	Kind string // statement, query, copy, system, sleep, hash-threshold, halt
	File string
	Line int // of its first line, from 1

	SQL     string
	Expect  string // ok, error, count, notice; "" for a query with rows
	Pattern string // of an error or a notice
	Count   int64  // of statement count, hash-threshold
	Types   string
	Sort    string
	Label   string
	Rows    []string
	Data    string // of copy
	Conn    string
	Wait    time.Duration // of sleep; between retries
	Retries int
	Skip    []Cond

	result, end int // lines of the file, from 0: where the rows stand; result 0: nowhere
}

// Cond is a skipif (Only false) or an onlyif.
type Cond struct {
	Only bool
	DB   string
}

// Skipped says whether the record is not for the named database.
func (r *Record) Skipped(db string) bool {
	for _, c := range r.Skip {
		if c.Only != (c.DB == db) {
			return true
		}
	}
	return false
}

type fileParser struct {
	name  string
	lines []string
	i     int
}

// ParseFile reads a file and what it includes.
func ParseFile(name string) ([]*Record, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	p := &fileParser{name: name, lines: strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")}
	var out []*Record
	next := &Record{}
	for ; p.i < len(p.lines); p.i++ {
		f := strings.Fields(p.lines[p.i])
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		next.File, next.Line, next.Kind = name, p.i+1, f[0]
		done, err := p.record(next, f)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, next.Line, err)
		}
		if !done {
			continue
		}
		if next.Kind == "include" {
			inc, err := ParseFile(filepath.Join(filepath.Dir(name), f[1]))
			if err != nil {
				return nil, err
			}
			out = append(out, inc...)
		} else {
			out = append(out, next)
		}
		next = &Record{}
	}
	return out, nil
}

// record reads one record whose first line has the fields f. done is false for what only says something about the next one.
func (p *fileParser) record(r *Record, f []string) (done bool, err error) {
	arg := func(n int) error {
		if len(f) < n+1 {
			return fmt.Errorf("%s needs an argument", f[0])
		}
		return nil
	}
	switch f[0] {
	case "skipif", "onlyif":
		err = arg(1)
		if err == nil {
			r.Skip = append(r.Skip, Cond{f[0] == "onlyif", f[1]})
		}
		return false, err
	case "connection":
		if err = arg(1); err == nil {
			r.Conn = f[1]
		}
		return false, err
	case "subtest", "control":
		return false, nil
	case "halt":
		return true, nil
	case "include":
		return true, arg(1)
	case "hash-threshold":
		if err = arg(1); err == nil {
			r.Count, err = strconv.ParseInt(f[1], 10, 64)
		}
		return true, err
	case "sleep":
		if err = arg(1); err == nil {
			r.Wait, err = time.ParseDuration(f[1])
		}
		return true, err
	case "statement", "query", "copy", "system":
		if err = r.header(f, p.lines[p.i]); err == nil {
			err = p.body(r)
		}
		return true, err
	}
	return false, fmt.Errorf("unknown directive %q", f[0])
}

// header reads the words after statement, query, copy and system.
func (r *Record) header(f []string, line string) (err error) {
	rest := f[1:]
	if r.Kind == "copy" && len(rest) == 0 {
		r.Expect = "ok"
		return nil
	}
	if len(rest) == 0 {
		return fmt.Errorf("%s needs an argument", r.Kind)
	}
	switch rest[0] {
	case "ok":
		r.Expect = "ok"
	case "error", "notice":
		r.Expect = rest[0]
		_, after, _ := strings.Cut(line, rest[0])
		r.Pattern = strings.TrimSpace(after)
	case "count":
		if len(rest) != 2 {
			return fmt.Errorf("count needs a number")
		}
		r.Expect = "count"
		r.Count, err = strconv.ParseInt(rest[1], 10, 64)
	default:
		if r.Kind != "query" {
			return fmt.Errorf("unknown %s %q", r.Kind, rest[0])
		}
		err = r.queryWords(rest)
	}
	return err
}

func (r *Record) queryWords(f []string) (err error) {
	r.Types = f[0]
	for i := 1; i < len(f); i++ {
		switch {
		case f[i] == "rowsort" || f[i] == "valuesort" || f[i] == "nosort":
			r.Sort = f[i]
		case (f[i] == "retry" || f[i] == "backoff") && i+1 < len(f):
			if f[i] == "retry" {
				r.Retries, err = strconv.Atoi(f[i+1])
			} else {
				r.Wait, err = time.ParseDuration(f[i+1])
			}
			if err != nil {
				return err
			}
			i++
		default:
			r.Label = f[i]
		}
	}
	return nil
}

// body reads the SQL and what follows it, to the blank line. p.i stays at the last line read.
func (p *fileParser) body(r *Record) error {
	block := func() string {
		from := p.i + 1
		for p.i+1 < len(p.lines) && strings.TrimSpace(p.lines[p.i+1]) != "" && p.lines[p.i+1] != "----" {
			p.i++
		}
		return strings.Join(p.lines[from:p.i+1], "\n")
	}
	r.SQL = block()
	if strings.TrimSpace(r.SQL) == "" {
		return fmt.Errorf("%s without a text", r.Kind)
	}
	if r.Kind == "copy" {
		p.i++ // the blank line
		r.Data = block() + "\n"
		return nil
	}
	if p.i+1 < len(p.lines) && p.lines[p.i+1] == "----" {
		p.i++
		r.result = p.i + 1
		rows := block()
		if rows != "" {
			r.Rows = strings.Split(rows, "\n")
		}
		r.end = p.i + 1
	}
	return nil
}
