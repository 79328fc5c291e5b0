package wasm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Options say how a module is run.
type Options struct {
	Name    string        // of the function, for errors
	Export  string        // the name of the exported function, and the beginning of those of an aggregate
	Memory  int64         // bytes that an instance may have
	Timeout time.Duration // how long a batch of rows may take
}

// The limits where none are given.
const (
	DefaultMemory  = 64 << 20
	DefaultTimeout = 5 * time.Second
)

const (
	page    = 64 << 10
	maxIdle = 8 // instances that are kept
)

// cache holds compiled code: the same module is compiled once.
var cache = sync.OnceValue(wazero.NewCompilationCache)

// Module is a compiled module with its limits. It is safe for use by many goroutines.
type Module struct {
	opts    Options
	runtime wazero.Runtime
	code    wazero.CompiledModule

	mu   sync.Mutex
	idle []*instance
}

// Open compiles a module. Errors: 42P13 for what is no module or asks for what there is not, 53200 where it needs more memory than it may have.
func Open(code []byte, o Options) (*Module, error) {
	if !bytes.HasPrefix(code, []byte("\x00asm")) {
		return nil, invalid("this is not a WebAssembly module").WithHint("AS takes a module in base64, or the path of a .wasm file that the server can read.")
	}
	cfg := wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithCompilationCache(cache())
	ctx := context.Background()
	m := &Module{opts: o, runtime: wazero.NewRuntimeWithConfig(ctx, cfg)}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, m.runtime); err != nil {
		return nil, err
	}
	if err := m.host(ctx); err != nil {
		return nil, err
	}
	var err error
	if m.code, err = m.runtime.CompileModule(ctx, code); err != nil {
		m.Close()
		return nil, invalid("the WebAssembly module is not valid").WithDetail("%s", firstLine(err))
	}
	for _, mem := range m.code.ExportedMemories() {
		if int64(mem.Min())*page > o.Memory {
			m.Close()
			return nil, m.outOfMemory()
		}
	}
	return m, nil
}

func invalid(format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.InvalidFunctionDefinition, format, args...)
}

// Close ends all instances.
func (m *Module) Close() { _ = m.runtime.Close(context.Background()) }

// hostKey finds the instance of a running call.
type hostKey struct{}

// host makes the functions that a module may import from "streamsql".
func (m *Module) host(ctx context.Context) error {
	of := func(ctx context.Context) *instance { return ctx.Value(hostKey{}).(*instance) }
	_, err := m.runtime.NewHostModuleBuilder("streamsql").
		NewFunctionBuilder().WithFunc(func(ctx context.Context) { of(ctx).null = true }).Export("null").
		NewFunctionBuilder().WithFunc(func(ctx context.Context, mod api.Module, ptr, size uint32) {
		text, _ := mod.Memory().Read(ptr, min(size, 8192))
		of(ctx).failed = string(bytes.ToValidUTF8(text, []byte("?")))
		panic(errRaised)
	}).Export("error").Instantiate(ctx)
	return err
}

var errRaised = errors.New("raised")

// instance is a running module. It belongs to who took it.
type instance struct {
	mod     api.Module
	ctx     context.Context
	memory  memory
	stderr  tail
	null    bool   // the call said that its result is NULL
	failed  string // the error that the call raised
	alloc   api.Function
	scratch uint32 // memory for arguments
	room    uint32
	stack   [256]uint64
	funcs   map[string]api.Function
}

// fn is an export, nil where there is none.
func (i *instance) fn(name string) api.Function {
	f, ok := i.funcs[name]
	if !ok {
		f = i.mod.ExportedFunction(name)
		i.funcs[name] = f
	}
	return f
}

// tail keeps the first bytes that a module writes to its standard error.
type tail struct{ buf []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p[:min(len(p), 2048-len(t.buf))]...)
	return len(p), nil
}

// take gives an instance for a batch of rows, and its end: release(err) gives it back, or ends it after an error.
func (m *Module) take() (i *instance, release func(error), err error) {
	m.mu.Lock()
	if n := len(m.idle); n > 0 {
		i, m.idle = m.idle[n-1], m.idle[:n-1]
	}
	m.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), m.opts.Timeout)
	if i == nil {
		if i, err = m.start(ctx); err != nil {
			cancel()
			return nil, nil, err
		}
	}
	i.ctx = context.WithValue(ctx, hostKey{}, i)
	return i, func(err error) {
		cancel()
		m.mu.Lock()
		defer m.mu.Unlock()
		if err != nil || len(m.idle) >= maxIdle {
			_ = i.mod.Close(context.Background())
			return
		}
		m.idle = append(m.idle, i)
	}, nil
}

func (m *Module) start(ctx context.Context) (*instance, error) {
	i := &instance{funcs: map[string]api.Function{}}
	ctx = context.WithValue(ctx, hostKey{}, i)
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(uint64, uint64) experimental.LinearMemory {
		i.memory.limit = uint64(m.opts.Memory)
		return &i.memory
	}))
	cfg := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize").WithStderr(&i.stderr)
	var err error
	if i.mod, err = m.runtime.InstantiateModule(ctx, m.code, cfg); err != nil {
		if strings.Contains(err.Error(), "not exported in module") || strings.Contains(err.Error(), "not instantiated") || strings.Contains(err.Error(), "import") {
			return nil, invalid("the WebAssembly module imports what the server does not have").WithDetail("%s", firstLine(err)).
				WithHint(`A module may import from "streamsql" and from "wasi_snapshot_preview1".`)
		}
		return nil, m.failure(i, err)
	}
	if i.memory.refused {
		_ = i.mod.Close(ctx)
		return nil, m.outOfMemory()
	}
	for _, name := range []string{"alloc", "malloc"} {
		if f := i.fn(name); f != nil && i.alloc == nil {
			i.alloc = f
		}
	}
	return i, nil
}

// call calls a function with its arguments in the stack, where the result is after it.
func (m *Module) call(i *instance, f api.Function) error {
	i.null = false
	if err := f.CallWithStack(i.ctx, i.stack[:]); err != nil {
		return m.failure(i, err)
	}
	return nil
}

// failure is what the user sees of a call that failed.
func (m *Module) failure(i *instance, err error) error {
	var exit *sys.ExitError
	detail := firstLine(err)
	switch {
	case i.failed != "":
		return sqlerr.New(sqlerr.ExternalRoutineException, "%s", i.failed).WithDetail("Raised by the function %s.", m.opts.Name)
	case errors.As(err, &exit) && exit.ExitCode() == sys.ExitCodeDeadlineExceeded, errors.Is(err, context.DeadlineExceeded):
		return sqlerr.New(sqlerr.QueryCanceled, "the function %s took longer than %s for a batch of rows", m.opts.Name, m.opts.Timeout).
			WithHint("WITH (timeout = '...') in CREATE FUNCTION sets the limit.")
	case errors.As(err, &exit):
		detail = fmt.Sprintf("It called exit(%d).", exit.ExitCode())
	}
	if text := string(i.stderr.buf); text != "" {
		detail += "\n" + strings.TrimSpace(text)
	}
	if i.memory.refused || strings.Contains(detail, "out of memory") {
		return m.outOfMemory()
	}
	return sqlerr.New(sqlerr.ExternalRoutineException, "the function %s failed", m.opts.Name).WithDetail("%s", detail)
}

func (m *Module) outOfMemory() error {
	return sqlerr.New(sqlerr.OutOfMemory, "the function %s needs more than its %d kB of memory", m.opts.Name, m.opts.Memory>>10).
		WithHint("WITH (memory = '...') in CREATE FUNCTION sets the limit.")
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(strings.TrimSpace(line), " (recovered by wazero)")
}

// reserve gives memory of the module for n bytes of arguments; it is used again for the next call.
func (m *Module) reserve(i *instance, n uint32) (uint32, error) {
	if n <= i.room {
		return i.scratch, nil
	}
	room := max(n, 2*i.room, 1024)
	i.stack[0] = uint64(room)
	if err := m.call(i, i.alloc); err != nil {
		return 0, err
	}
	ptr := uint32(i.stack[0])
	if ptr == 0 || uint64(ptr)+uint64(room) > uint64(i.mod.Memory().Size()) {
		return 0, m.outOfMemory()
	}
	i.scratch, i.room = ptr, room
	return ptr, nil
}

// bytesAt reads what a call returned: the address in the upper 32 bits, the length in the lower ones. The answer is only good until the next call.
func (m *Module) bytesAt(i *instance, packed uint64) ([]byte, error) {
	b, ok := i.mod.Memory().Read(uint32(packed>>32), uint32(packed))
	if !ok {
		return nil, sqlerr.New(sqlerr.ExternalRoutineException, "the function %s returned bytes outside of its memory", m.opts.Name)
	}
	return b, nil
}
