package file

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// entry is a file that was taken; its number is its place in the list.
type entry struct {
	Path  string `json:"path"`
	Size  int64  `json:"size"`
	MTime int64  `json:"mtime"` // µs since 1970
}

// list is the files taken so far. It only grows.
type list struct {
	path string
	kv   connector.KV
	mu   sync.Mutex
	all  []entry
	seen map[string]bool // by key

	nameOnly    bool          // files of the same name are the same file, in whatever directory
	latestFirst bool          // of files that are not taken the newest come first
	maxAge      time.Duration // files that are so much older than the newest one taken are not taken any more; 0: all are
	newest      int64         // modification time of the newest file taken
}

const listKey = "files/"

// openList reads what was taken before. Errors: 58P01 where the path is not there, 0A000 for other places than files.
func openList(path string, nameOnly bool, kv connector.KV) (*list, error) {
	path, err := localPath(path)
	if err != nil {
		return nil, err
	}
	l := &list{path: path, kv: kv, seen: map[string]bool{}, nameOnly: nameOnly}
	err = kv.Scan(listKey, func(key string, value []byte) error {
		var found []entry
		if err := json.Unmarshal(value, &found); err != nil {
			return sqlerr.Wrap(err, sqlerr.DataCorrupted, "list of files %s: %v", key, err)
		}
		l.add(found)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil && (len(l.all) == 0 && !isGlob(path) || !os.IsNotExist(err)) {
		return nil, missing(path, err)
	}
	return l, nil
}

func localPath(path string) (string, error) {
	path = strings.TrimPrefix(path, "file://")
	if scheme, _, ok := strings.Cut(path, "://"); ok {
		e := sqlerr.New(sqlerr.FeatureNotSupported, "reading and writing %s:// is not supported yet", scheme)
		e.Column = "path"
		return "", e
	}
	return filepath.Clean(path), nil
}

func isGlob(path string) bool { return strings.ContainsAny(path, "*?[") }

func missing(path string, err error) error {
	code := sqlerr.IOError
	if os.IsNotExist(err) {
		code = sqlerr.UndefinedFile
	}
	reason := err
	if pe, ok := err.(*fs.PathError); ok {
		reason = pe.Err
	}
	e := sqlerr.Wrap(err, code, "could not open %q: %v", path, reason).
		WithHint("The option path is a directory, a glob such as '/data/*.json', or a file, on the server's machine.")
	e.Column = "path"
	return e
}

func (l *list) add(found []entry) {
	for _, e := range found {
		l.seen[l.key(e.Path)] = true
		l.newest = max(l.newest, e.MTime)
	}
	l.all = append(l.all, found...)
}

// key is what a file is known by.
func (l *list) key(path string) string {
	if l.nameOnly {
		return filepath.Base(path)
	}
	return path
}

// taken gives the files taken so far; the slice is only read.
func (l *list) taken() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all[:len(l.all):len(l.all)]
}

// refresh looks for new files, writes down those that take says, and gives all that are taken; left is how many were not.
func (l *list) refresh(take func(found []entry) int) (all []entry, left int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, err := l.scan()
	if err != nil {
		return nil, 0, err
	}
	n := take(found)
	left, found = len(found)-n, found[:n]
	if n > 0 {
		value, err := json.Marshal(found)
		if err != nil {
			return nil, 0, err
		}
		if err := l.kv.Set(fmt.Sprintf("%s%016x", listKey, len(l.all)), value); err != nil {
			return nil, 0, err
		}
		l.add(found)
	}
	return l.all[:len(l.all):len(l.all)], left, nil
}

func takeAll(found []entry) int { return len(found) }
func takeNone([]entry) int      { return 0 }

// scan finds the files that are not taken yet, in the order in which they will be.
func (l *list) scan() ([]entry, error) {
	found, err := findFiles(l.path, func(p string) bool { return l.seen[l.key(p)] })
	if err != nil {
		return nil, err
	}
	if l.maxAge > 0 && len(l.all) > 0 {
		found = slices.DeleteFunc(found, func(e entry) bool { return e.MTime < l.newest-l.maxAge.Microseconds() })
	}
	slices.SortFunc(found, func(a, b entry) int {
		if l.latestFirst {
			a, b = b, a
		}
		return cmp.Or(cmp.Compare(a.MTime, b.MTime), strings.Compare(a.Path, b.Path))
	})
	if l.nameOnly {
		names := map[string]bool{}
		found = slices.DeleteFunc(found, func(e entry) bool {
			again := names[l.key(e.Path)]
			names[l.key(e.Path)] = true
			return again
		})
	}
	return found, nil
}

// findFiles lists the files under path without those seen.
func findFiles(path string, seen func(path string) bool) ([]entry, error) {
	roots := []string{path}
	if _, err := os.Stat(path); err != nil && isGlob(path) {
		if roots, err = filepath.Glob(path); err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid glob %q", path)
		}
	}
	var found []entry
	for _, root := range roots {
		err := filepath.WalkDir(through(root), func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				if os.IsNotExist(err) {
					return nil // it went while we looked
				}
				return missing(p, err)
			}
			if filepath.Clean(p) != path && (d.Name()[0] == '.' || d.Name()[0] == '_') {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if d.IsDir() || seen(p) {
				return nil
			}
			info, err := os.Stat(p)
			if err == nil && info.Mode().IsRegular() {
				found = append(found, entry{p, info.Size(), info.ModTime().UnixMicro()})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// through is a path that is walked where it leads: a link to a directory gets a slash.
func through(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path + string(filepath.Separator)
	}
	return path
}
