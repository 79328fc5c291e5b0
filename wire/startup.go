package wire

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// The codes that stand where a start-up message has its version, and the versions there are.
const (
	codeCancel = 1234<<16 | 5678
	codeSSL    = 1234<<16 | 5679
	codeGSSENC = 1234<<16 | 5680

	version30   = 3 << 16
	version32   = 3<<16 | 2
	maxStartup  = 10000
	maxLoginMsg = 65535
	maxMsg      = 1<<30 - 1
)

// errDone ends a connection that has nothing more to say: a cancel request, a client that left.
var errDone = errors.New("done")

// startup brings the connection to an open session, ReadyForQuery sent. An error that is not errDone has been neither sent nor
// logged.
func (c *conn) startup() error {
	c.raw.SetDeadline(time.Now().Add(c.srv.cfg.LoginTimeout))
	info, version, err := c.greet()
	if err != nil {
		return err
	}
	c.be = pgproto3.NewBackend(&frames{br: c.br}, io.Discard)
	c.be.SetMaxBodyLen(maxLoginMsg)
	if err := c.authenticate(info.User); err != nil {
		return err
	}
	c.secret = newSecret(version)
	if err := c.srv.register(c); err != nil {
		return err
	}
	info.PID = c.pid
	info.Interrupt, info.Terminate, info.Wake = c.interrupt, c.terminate, c.wake
	ctx, end := c.begin()
	err = c.guard(func() (err error) {
		c.sess, err = c.srv.cfg.Engine.Connect(ctx, *info)
		return err
	})
	end()
	if err != nil {
		return err
	}
	for _, p := range c.sess.Parameters() {
		c.send(&pgproto3.ParameterStatus{Name: p.Name, Value: p.Value})
	}
	c.send(&pgproto3.BackendKeyData{ProcessID: c.pid, SecretKey: c.secret})
	c.be.SetMaxBodyLen(maxMsg)
	c.raw.SetDeadline(time.Time{})
	c.ready()
	return c.werr
}

// greet answers requests for encryption and cancelling until the start-up message comes.
func (c *conn) greet() (info *engine.StartupInfo, version uint32, err error) {
	for range 4 {
		code, body, err := c.readStartup()
		if err != nil {
			return nil, 0, errDone
		}
		switch {
		case code == codeSSL:
			if err := c.startTLS(); err != nil {
				return nil, 0, errDone
			}
		case code == codeGSSENC:
			if _, err := c.nc.Write([]byte{'N'}); err != nil {
				return nil, 0, errDone
			}
		case code == codeCancel:
			if len(body) > 4 {
				c.srv.cancel(binary.BigEndian.Uint32(body), body[4:])
			}
			return nil, 0, errDone
		case code>>16 == 3:
			info, unknown, err := parseStartup(body)
			if err != nil {
				return nil, 0, err
			}
			if code > version32 || len(unknown) > 0 {
				c.send(&pgproto3.NegotiateProtocolVersion{NewestMinorProtocol: version32, UnrecognizedOptions: unknown})
			}
			info.Remote, info.TLS = c.raw.RemoteAddr().String(), c.nc != c.raw
			return info, min(code, version32), nil
		default:
			return nil, 0, sqlerr.New(sqlerr.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports 3.0 to 3.2", code>>16, code&0xffff)
		}
	}
	return nil, 0, sqlerr.New(sqlerr.ProtocolViolation, "too many requests before the startup packet")
}

// readStartup reads a message without a type byte: its code and what follows.
func (c *conn) readStartup() (code uint32, body []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(c.br, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < 8 || n > maxStartup {
		return 0, nil, errDone
	}
	body = make([]byte, n-8)
	_, err = io.ReadFull(c.br, body)
	return binary.BigEndian.Uint32(head[4:]), body, err
}

// startTLS answers SSLRequest. Bytes that came before the answer would be read as if they were encrypted, and are refused.
func (c *conn) startTLS() error {
	if c.srv.cfg.TLS == nil || c.nc != c.raw {
		_, err := c.nc.Write([]byte{'N'})
		return err
	}
	if c.br.Buffered() > 0 {
		return errDone
	}
	if _, err := c.nc.Write([]byte{'S'}); err != nil {
		return err
	}
	t := tls.Server(c.raw, c.srv.cfg.TLS)
	if err := t.Handshake(); err != nil {
		c.srv.log.Info("TLS handshake failed", "remote", c.raw.RemoteAddr().String(), "error", err)
		return err
	}
	c.nc = net.Conn(t)
	c.br.Reset(t)
	return nil
}

// parseStartup reads the parameters of a start-up message. unknown are the protocol extensions (_pq_.) asked for.
func parseStartup(body []byte) (info *engine.StartupInfo, unknown []string, err error) {
	info = &engine.StartupInfo{}
	bad := sqlerr.New(sqlerr.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
	for {
		name, rest, ok := bytes.Cut(body, []byte{0})
		if !ok {
			return nil, nil, bad
		}
		if len(name) == 0 {
			break
		}
		value, rest, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			return nil, nil, bad
		}
		body = rest
		switch n, v := string(name), string(value); {
		case n == "user":
			info.User = v
		case n == "database":
			info.Database = v
		case n == "options":
			settings, err := parseOptions(v)
			if err != nil {
				return nil, nil, err
			}
			info.Settings = append(info.Settings, settings...)
		case n == "replication":
			if !strings.EqualFold(v, "false") && v != "off" && v != "0" && v != "no" {
				return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "replication connections are not supported")
			}
		case strings.HasPrefix(n, "_pq_."):
			unknown = append(unknown, n)
		default:
			info.Settings = append(info.Settings, engine.KV{Name: n, Value: v})
		}
	}
	if info.User == "" {
		return nil, nil, sqlerr.New(sqlerr.InvalidAuthorization, "no PostgreSQL user name specified in startup packet")
	}
	if info.Database == "" {
		info.Database = info.User
	}
	return info, unknown, nil
}

// parseOptions takes the `options` parameter apart: -c name=value and --name=value, words split at blanks that no
// backslash precedes.
func parseOptions(s string) ([]engine.KV, error) {
	var words []string
	var word []byte
	in := false
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '\\' && i+1 < len(s):
			i++
			word, in = append(word, s[i]), true
		case ch == ' ' || ch == '\t' || ch == '\n':
			if in {
				words, word, in = append(words, string(word)), word[:0], false
			}
		default:
			word, in = append(word, ch), true
		}
	}
	if in {
		words = append(words, string(word))
	}
	var out []engine.KV
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "-c" && i+1 < len(words):
			i++
			w = words[i]
		case strings.HasPrefix(w, "-c"):
			w = w[2:]
		case strings.HasPrefix(w, "--"):
			w = w[2:]
		default:
			return nil, sqlerr.New(sqlerr.SyntaxError, "invalid command-line argument for server process: %s", w)
		}
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, sqlerr.New(sqlerr.SyntaxError, "-c %s requires a value", w)
		}
		out = append(out, engine.KV{Name: strings.ReplaceAll(name, "-", "_"), Value: value})
	}
	return out, nil
}
