package engine

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/stream"
	"github.com/streamsqld/streamsqld/wasm"
)

// routines keeps the WebAssembly modules of functions: their code, by hash, in the store under "w/", and what was compiled of it. It implements
// sql.Routines.
type routines struct {
	store *state.Store

	mu    sync.Mutex
	fresh map[string][]byte // code of transactions that have not committed yet
	made  map[string]*routine
}

type routine struct {
	fn  *expr.Func
	agg *expr.Agg
}

func newRoutines(store *state.Store) *routines {
	return &routines{store: store, fresh: map[string][]byte{}, made: map[string]*routine{}}
}

func moduleKey(hash string) []byte { return []byte("w/" + hash) }

// Func is a function of a module.
func (r *routines) Func(f *catalog.Function) (*expr.Func, error) {
	m, err := r.make(f)
	if err != nil {
		return nil, err
	}
	return m.fn, nil
}

// Agg is an aggregate of a module.
func (r *routines) Agg(f *catalog.Function) (*expr.Agg, error) {
	m, err := r.make(f)
	if err != nil {
		return nil, err
	}
	return m.agg, nil
}

func (r *routines) make(f *catalog.Function) (*routine, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := fmt.Sprint(f.OID, f.FullName(), f.Body, f.Options, f.ArgTypes(), f.Returns, f.Volatility)
	if m := r.made[key]; m != nil {
		return m, nil
	}
	code, err := r.code(f)
	if err != nil {
		return nil, err
	}
	m, err := compile(f, code)
	if err != nil {
		return nil, err
	}
	r.made[key] = m
	return m, nil
}

// code is the module of f.
func (r *routines) code(f *catalog.Function) ([]byte, error) {
	if code := r.fresh[f.Body]; code != nil {
		return code, nil
	}
	code, err := r.store.Get(moduleKey(f.Body))
	if err == nil && code == nil {
		err = sqlerr.New(sqlerr.DataCorrupted, "the module of the function %s is not in the store", f.Signature())
	}
	return code, err
}

// text is the module of f in base64, as AS takes it.
func (r *routines) text(f *catalog.Function) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	code, err := r.code(f)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(code)
}

func compile(f *catalog.Function, code []byte) (*routine, error) {
	opts, err := routineOptions(f)
	if err != nil {
		return nil, err
	}
	m, err := wasm.Open(code, opts)
	if err != nil {
		return nil, err
	}
	out := &routine{}
	if f.Aggregate {
		a := expr.Agg{Name: f.Name, Args: f.ArgTypes(), Ret: f.Returns, Doc: f.Comment}
		if expr.IsAgg(f.Name) { // operators know some aggregates by name
			a.Name = f.FullName()
		}
		out.agg, err = m.Agg(a)
	} else {
		out.fn, err = m.Func(expr.Func{Name: f.Name, Args: f.ArgTypes(), Ret: f.Returns, Vol: expr.Volatility(f.Volatility), Doc: f.Comment})
	}
	if err != nil {
		m.Close()
		return nil, err
	}
	return out, nil
}

// routineOptions reads WITH (export, memory, timeout).
func routineOptions(f *catalog.Function) (wasm.Options, error) {
	o := wasm.Options{Name: f.Signature(), Export: f.Name, Memory: wasm.DefaultMemory, Timeout: wasm.DefaultTimeout}
	for _, x := range f.Options {
		bad := sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option %q: %q", x.Key, x.Value)
		switch x.Key {
		case "export":
			o.Export = x.Value
		case "memory":
			n, err := connector.ParseSize(x.Value)
			if err != nil || n < 64<<10 || n > 4<<30 {
				return o, bad.WithHint("Give a size from 64kB to 4GB.")
			}
			o.Memory = n
		case "timeout":
			d, ok := stream.ParseInterval(x.Value)
			if !ok || d < time.Millisecond {
				return o, bad.WithHint("Give an interval, such as '1 second'.")
			}
			o.Timeout = d
		default:
			return o, sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized option %q", x.Key).WithHint("A function in LANGUAGE wasm has the options export, memory and timeout.")
		}
	}
	return o, nil
}

// moduleCode is what stands behind AS: a module in base64 or hexadecimal, or the path of a file that the server can read.
func moduleCode(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "AGFzb"):
		code, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "the module is not valid base64").WithDetail("%s", err)
		}
		return code, nil
	case strings.HasPrefix(text, `\x`):
		code, err := hex.DecodeString(text[2:])
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "the module is not valid hexadecimal").WithDetail("%s", err)
		}
		return code, nil
	}
	code, err := os.ReadFile(strings.TrimPrefix(text, "file://"))
	if err != nil {
		return nil, sqlerr.New(sqlerr.UndefinedFile, "could not read the module").WithDetail("%s", err).
			WithHint("AS takes a module in base64, or the path of a .wasm file that the server can read.")
	}
	return code, nil
}

// addModule reads the module of f and keeps it with the transaction's commit; f.Body becomes its hash.
func (s *session) addModule(f *catalog.Function) error {
	code, err := moduleCode(f.Body)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(code)
	f.Body = hex.EncodeToString(sum[:])
	r := s.eng.routines
	r.mu.Lock()
	r.fresh[f.Body] = code
	r.mu.Unlock()
	if _, err := r.make(f); err != nil {
		return err
	}
	tx, hash := s.begin(), f.Body
	tx.catalog = append(tx.catalog, func(b *state.Batch) error { return b.Set(moduleKey(hash), code) })
	forget := func() {
		r.mu.Lock()
		delete(r.fresh, hash)
		r.mu.Unlock()
	}
	tx.after, tx.undo = append(tx.after, forget), append(tx.undo, forget)
	return nil
}

// sweep removes the modules that no function and no query needs any more; it runs at start.
func (r *routines) sweep(cat *catalog.Catalog) error {
	used := map[string]bool{}
	note := func(list []*catalog.Function) {
		for _, f := range list {
			used[f.Body] = f.Language == "wasm" || used[f.Body]
		}
	}
	note(cat.Functions())
	for _, rel := range cat.Relations() {
		note(rel.Functions)
	}
	b := r.store.NewBatch()
	var gone [][]byte
	err := r.store.Scan([]byte("w/"), func(key, _ []byte) error {
		if !used[strings.TrimPrefix(string(key), "w/")] {
			gone = append(gone, slices.Clone(key))
		}
		return nil
	})
	if err != nil || gone == nil {
		return err
	}
	for _, key := range gone {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return b.Commit(false)
}
