package slt

import (
	"os"
	"strings"
)

// Rewrite writes the results that Run got into the file, in place of those that stand there. Types of ? become the
// result's. Errors are left as they are.
func (r *Runner) Rewrite(name string, recs []*Record) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	lines := strings.Split(string(data), "\n")
	for i := len(recs) - 1; i >= 0; i-- {
		rec := recs[i]
		rows, ok := r.actual[rec]
		if rec.File != name || rec.result == 0 || !ok {
			continue
		}
		rest := append([]string{}, lines[rec.end:]...)
		lines = append(append(lines[:rec.result], rows...), rest...)
		if rec.Types == "?" {
			lines[rec.Line-1] = strings.Replace(lines[rec.Line-1], "?", r.types[rec], 1)
		}
	}
	return os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o644)
}
