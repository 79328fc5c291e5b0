package wire

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgproto3"
)

// TestConversations plays the conversations of testdata. Commands:
//
//	connect [name=value ...]   opens a connection; the answer is all messages up to ReadyForQuery or the end
//	send                       lines of a message type and its fields as JSON
//	until <type> ...           the messages received, up to one of each of these types in turn
//	cancel                     sends a CancelRequest for the connection
//	nothing                    checks that nothing comes for 50 ms
func TestConversations(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		_, _, addr := startServer(t, Config{WatchAfter: 20 * time.Millisecond})
		p := &player{t: t, addr: addr}
		datadriven.RunTest(t, path, p.run)
	})
}

type player struct {
	t    *testing.T
	addr string
	nc   net.Conn
	fe   *pgproto3.Frontend
	key  *pgproto3.BackendKeyData
}

func (p *player) run(t *testing.T, d *datadriven.TestData) string {
	p.t = t
	switch d.Cmd {
	case "connect":
		return p.connect(d)
	case "send":
		for _, l := range strings.Split(d.Input, "\n") {
			p.fe.Send(p.message(l))
		}
		if err := p.fe.Flush(); err != nil {
			return err.Error()
		}
		return ""
	case "until":
		var out strings.Builder
		for _, a := range d.CmdArgs {
			out.WriteString(p.until(a.Key))
		}
		return out.String()
	case "cancel":
		time.Sleep(30 * time.Millisecond)
		nc, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		b, _ := (&pgproto3.CancelRequest{ProcessID: p.key.ProcessID, SecretKey: p.key.SecretKey}).Encode(nil)
		nc.Write(b)
		return ""
	case "nothing":
		p.nc.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		defer p.nc.SetReadDeadline(time.Time{})
		if m, err := p.fe.Receive(); err == nil {
			return show(m)
		}
		return ""
	}
	t.Fatalf("unknown command %s", d.Cmd)
	return ""
}

func (p *player) connect(d *datadriven.TestData) string {
	if p.nc != nil {
		p.nc.Close()
	}
	nc, err := net.Dial("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.nc, p.fe = nc, pgproto3.NewFrontend(nc, nc)
	m := &pgproto3.StartupMessage{ProtocolVersion: version30, Parameters: map[string]string{}}
	for _, a := range d.CmdArgs {
		if a.Key == "protocol" {
			fmt.Sscan(a.Vals[0], &m.ProtocolVersion)
			m.ProtocolVersion |= 3 << 16
			continue
		}
		m.Parameters[a.Key] = strings.Join(a.Vals, " ")
	}
	p.fe.Send(m)
	if err := p.fe.Flush(); err != nil {
		return err.Error()
	}
	return p.until("ReadyForQuery")
}

func (p *player) message(line string) pgproto3.FrontendMessage {
	name, fields, _ := strings.Cut(line, " ")
	var m pgproto3.FrontendMessage
	switch name {
	case "Query":
		m = &pgproto3.Query{}
	case "Parse":
		m = &pgproto3.Parse{}
	case "Bind":
		m = &pgproto3.Bind{}
	case "Describe":
		m = &pgproto3.Describe{}
	case "Execute":
		m = &pgproto3.Execute{}
	case "Close":
		m = &pgproto3.Close{}
	case "Sync":
		m = &pgproto3.Sync{}
	case "Flush":
		m = &pgproto3.Flush{}
	case "CopyData":
		var s string
		if err := json.Unmarshal([]byte(fields), &s); err != nil {
			p.t.Fatal(err)
		}
		return &pgproto3.CopyData{Data: []byte(s)}
	case "CopyDone":
		m = &pgproto3.CopyDone{}
	case "CopyFail":
		m = &pgproto3.CopyFail{}
	case "FunctionCall":
		m = &pgproto3.FunctionCall{}
	case "Terminate":
		m = &pgproto3.Terminate{}
	default:
		p.t.Fatalf("unknown message %q", line)
	}
	if fields != "" {
		if err := json.Unmarshal([]byte(fields), m); err != nil {
			p.t.Fatalf("%s: %v", line, err)
		}
	}
	return m
}

// until shows what comes up to and with a message of this type.
func (p *player) until(name string) string {
	var out strings.Builder
	p.nc.SetReadDeadline(time.Now().Add(5 * time.Second))
	for {
		m, err := p.fe.Receive()
		if err != nil {
			fmt.Fprintf(&out, "(%v)\n", err)
			return out.String()
		}
		if k, ok := m.(*pgproto3.BackendKeyData); ok {
			p.key = &pgproto3.BackendKeyData{ProcessID: k.ProcessID, SecretKey: append([]byte(nil), k.SecretKey...)}
			fmt.Fprintf(&out, "BackendKeyData of %d bytes\n", len(k.SecretKey))
			continue
		}
		s := show(m)
		out.WriteString(s + "\n")
		if strings.HasPrefix(s, name) {
			return out.String()
		}
	}
}

// show is a message on one line.
func show(m pgproto3.BackendMessage) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", m), "*pgproto3.")
	switch m := m.(type) {
	case *pgproto3.RowDescription:
		for _, f := range m.Fields {
			name += fmt.Sprintf(" %s:%d.%d:oid%d:len%d:mod%d:fmt%d", f.Name, f.TableOID, f.TableAttributeNumber, f.DataTypeOID, f.DataTypeSize, f.TypeModifier, f.Format)
		}
	case *pgproto3.DataRow:
		for _, v := range m.Values {
			if v == nil {
				name += " NULL"
				continue
			}
			name += fmt.Sprintf(" %q", v)
		}
	case *pgproto3.CommandComplete:
		name += " " + string(m.CommandTag)
	case *pgproto3.ErrorResponse:
		name += showError(m)
	case *pgproto3.NoticeResponse:
		name += showError((*pgproto3.ErrorResponse)(m))
	case *pgproto3.ReadyForQuery:
		name += " " + string(m.TxStatus)
	case *pgproto3.ParameterStatus:
		name += " " + m.Name + "=" + m.Value
	case *pgproto3.ParameterDescription:
		name += fmt.Sprint(" ", m.ParameterOIDs)
	case *pgproto3.CopyData:
		name += fmt.Sprintf(" %q", m.Data)
	case *pgproto3.CopyInResponse:
		name += fmt.Sprint(" ", m.OverallFormat, m.ColumnFormatCodes)
	case *pgproto3.CopyOutResponse:
		name += fmt.Sprint(" ", m.OverallFormat, m.ColumnFormatCodes)
	case *pgproto3.NegotiateProtocolVersion:
		name += fmt.Sprintf(" 3.%d %v", m.NewestMinorProtocol&0xffff, m.UnrecognizedOptions)
	case *pgproto3.NotificationResponse:
		name += " " + m.Channel + " " + m.Payload
	}
	return name
}

func showError(m *pgproto3.ErrorResponse) string {
	s := fmt.Sprintf(" %s %s %s: %s", m.Severity, m.SeverityUnlocalized, m.Code, m.Message)
	if m.Position != 0 {
		s += fmt.Sprintf(" P=%d", m.Position)
	}
	for _, f := range []struct{ k, v string }{{"D", m.Detail}, {"H", m.Hint}, {"W", m.Where}} {
		if f.v != "" {
			s += fmt.Sprintf(" %s=%s", f.k, f.v)
		}
	}
	return s
}
