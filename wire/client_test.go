package wire

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/engine"
)

func pgxConnect(t *testing.T, addr, extra string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), "postgres://alice:secret@"+addr+"/db?sslmode=prefer"+extra)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func TestPgxRows(t *testing.T) {
	_, _, addr := startServer(t, Config{})
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		c := pgxConnect(t, addr, "")
		for range 2 {
			rows, err := c.Query(context.Background(), "rows 5000", mode)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for ; rows.Next(); n++ {
				var a int64
				var b *string
				var at time.Time
				if err := rows.Scan(&a, &b, &at); err != nil {
					t.Fatalf("%v: %v", mode, err)
				}
				if a != int64(n) || (b == nil) != (n%3 == 2) || b != nil && *b != fmt.Sprint("näme\t", n) || at.UnixMicro() != 1767225600000000+int64(n)*500000 {
					t.Fatalf("%v: row %d is %d %v %v", mode, n, a, b, at)
				}
			}
			if rows.Err() != nil || n != 5000 || rows.CommandTag().String() != "SELECT 5000" {
				t.Fatalf("%v: %d rows, %v, %s", mode, n, rows.Err(), rows.CommandTag())
			}
		}
	}
}

func TestPgxParametersAndPipelines(t *testing.T) {
	_, _, addr := startServer(t, Config{})
	c := pgxConnect(t, addr, "")
	b := &pgx.Batch{}
	for i := range 100 {
		b.Queue("echo $1 $2", fmt.Sprint("x", i), nil)
	}
	b.Queue("fail here")
	res := c.SendBatch(context.Background(), b)
	for i := range 100 {
		var got string
		if err := res.QueryRow().Scan(&got); err != nil || got != fmt.Sprintf("x%d,NULL", i) {
			t.Fatalf("%d: %q %v", i, got, err)
		}
	}
	_, err := res.Exec()
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "42703" || pe.Position != 6 || pe.Severity != "ERROR" || pe.Hint != "Try another." {
		t.Fatalf("%#v", err)
	}
	res.Close()
	if err := c.Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestLiveRows wants each row as it comes, and the session ended soon after its client has gone while rows are awaited.
func TestLiveRows(t *testing.T) {
	_, e, addr := startServer(t, Config{WatchAfter: 20 * time.Millisecond})
	c := pgxConnect(t, addr, "")
	ctx, cancel := context.WithCancel(context.Background())
	rows, err := c.Query(ctx, "live 10")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
	}
	cancel()
	for rows.Next() {
	}
	rows.Close()
	waitClosed(t, e.sessions[0])

	c = pgxConnect(t, addr, "")
	ended := make(chan struct{})
	go func() { c.Exec(context.Background(), "sleep"); close(ended) }()
	time.Sleep(60 * time.Millisecond)
	c.PgConn().Conn().Close()
	waitClosed(t, e.sessions[1])
	<-ended
}

func waitClosed(t *testing.T, s *fakeSession) {
	t.Helper()
	for until := time.Now().Add(3 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		closed := s.closed
		s.mu.Unlock()
		if closed {
			return
		}
	}
	t.Fatal("the session is still there")
}

func TestPgxCancelAndCopy(t *testing.T) {
	_, e, addr := startServer(t, Config{})
	c := pgxConnect(t, addr, "")
	go func() {
		time.Sleep(50 * time.Millisecond)
		c.PgConn().CancelRequest(context.Background())
	}()
	_, err := c.Exec(context.Background(), "sleep")
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "57014" {
		t.Fatal(err)
	}
	tag, err := c.PgConn().CopyFrom(context.Background(), strings.NewReader("1\ta\n2\tb\\nc\n"), "copyin")
	if err != nil || tag.String() != "COPY 2" || e.copied.String() != "1=a;2=b\nc;" {
		t.Fatal(tag, err, e.copied.String())
	}
	var out bytes.Buffer
	if _, err := c.PgConn().CopyTo(context.Background(), &out, "copyout 20000"); err != nil || strings.Count(out.String(), "\n") != 20000 {
		t.Fatal(err, out.Len())
	}
}

// TestNotifications wants a notification to reach a client that only waits.
func TestNotifications(t *testing.T) {
	_, e, addr := startServer(t, Config{})
	c := pgxConnect(t, addr, "")
	s := e.sessions[0]
	s.mu.Lock()
	s.updates.Notifications = []engine.Notification{{PID: 7, Channel: "news", Payload: "hello"}}
	s.mu.Unlock()
	s.info.Wake()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	n, err := c.WaitForNotification(ctx)
	if err != nil || n.Channel != "news" || n.Payload != "hello" || n.PID != 7 {
		t.Fatal(n, err)
	}
}

func TestTerminate(t *testing.T) {
	_, e, addr := startServer(t, Config{})
	for i, sql := range []string{"sleep", "live 1"} {
		c := pgxConnect(t, addr, "")
		go func() {
			time.Sleep(50 * time.Millisecond)
			e.sessions[i].info.Terminate()
		}()
		_, err := c.Exec(context.Background(), sql)
		var pe *pgconn.PgError
		if !errors.As(err, &pe) || pe.Code != "57P01" || pe.Severity != "FATAL" {
			t.Fatal(err)
		}
		waitClosed(t, e.sessions[i])
	}
}

// TestIdleInTransaction: a session that its client leaves alone within a transaction ends; outside of one it stays.
func TestIdleInTransaction(t *testing.T) {
	_, e, addr := startServer(t, Config{})
	e.idle = 50 * time.Millisecond
	c := pgxConnect(t, addr, "")
	ctx := context.Background()
	time.Sleep(120 * time.Millisecond)
	for range 3 { // each statement begins the time anew
		if _, err := c.Exec(ctx, "begin"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	waitClosed(t, e.sessions[0])
	_, err := c.Exec(ctx, "begin")
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "25P03" || pe.Severity != "FATAL" {
		t.Fatal(err)
	}
}

func TestParseOptions(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "[]",
		"-c a=1 -cb=2  --my-name=x\\ y\\\\": "[{a 1} {b 2} {my_name x y\\}]",
		"-c a":                              "-c a requires a value",
		"-x":                                "invalid command-line argument for server process: -x",
	} {
		got, err := parseOptions(in)
		s := fmt.Sprint(got)
		if err != nil {
			s = err.Error()
		}
		if s != want {
			t.Errorf("%q: got %s, want %s", in, s, want)
		}
	}
}

func TestLimitsAndShutdown(t *testing.T) {
	s, _, addr := startServer(t, Config{MaxConns: 2})
	idle := pgxConnect(t, addr, "")
	busy := pgxConnect(t, addr, "")
	_, err := pgx.Connect(context.Background(), "postgres://alice@"+addr+"/db")
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "53300" || pe.Severity != "FATAL" {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() {
		_, err := busy.Exec(context.Background(), "sleep")
		got <- err
	}()
	time.Sleep(50 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := s.Shutdown(ctx); err != context.DeadlineExceeded {
		t.Fatal(err)
	}
	if d := time.Since(began); d > time.Second {
		t.Fatalf("shutdown took %v", d)
	}
	if err := <-got; !errors.As(err, &pe) || pe.Code != "57P01" || pe.Severity != "FATAL" {
		t.Fatal(err)
	}
	if _, err = idle.Exec(context.Background(), "rows 1"); !errors.As(err, &pe) || pe.Code != "57P01" {
		t.Fatal(err)
	}
	if s.Connections() != 0 {
		t.Fatal(s.Connections())
	}
}

func testTLS(t *testing.T) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func TestScramAndTLS(t *testing.T) {
	plain, err := NewUsers(map[string]string{"alice": "secret"})
	if err != nil {
		t.Fatal(err)
	}
	users, err := NewUsers(map[string]string{"alice": FormatVerifier(plain["alice"])})
	if err != nil {
		t.Fatal(err)
	}
	_, e, addr := startServer(t, Config{Auth: users, TLS: testTLS(t), WatchAfter: 20 * time.Millisecond})
	c := pgxConnect(t, addr, "")
	if !e.sessions[0].info.TLS {
		t.Fatal("not over TLS")
	}
	go func() {
		time.Sleep(60 * time.Millisecond) // the watch has begun: its end must not disturb TLS
		c.PgConn().CancelRequest(context.Background())
	}()
	if _, err := c.Exec(context.Background(), "sleep"); err == nil {
		t.Fatal("not cancelled")
	}
	var n int64
	if err := c.QueryRow(context.Background(), "rows 1").Scan(&n, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"alice:wrong", "bob:secret"} {
		_, err := pgx.Connect(context.Background(), "postgres://"+url+"@"+addr+"/db?sslmode=disable")
		var pe *pgconn.PgError
		if !errors.As(err, &pe) || pe.Code != "28P01" || !strings.HasPrefix(pe.Message, "password authentication failed for user \"") {
			t.Fatal(err)
		}
	}
	out := psql(t, addr, "", "sslmode=require", "-c", "copyout 1")
	if out != "0\tnäme\\t0\t2026-01-01 00:00:00+00\n" {
		t.Fatalf("%q", out)
	}
}

func TestCheckListen(t *testing.T) {
	for _, c := range []struct {
		addr  string
		a     Authenticator
		allow bool
		ok    bool
	}{
		{"127.0.0.1:5466", Trust{}, false, true}, {"[::1]:5466", Trust{}, false, true}, {"localhost:0", Trust{}, false, true},
		{"0.0.0.0:5466", Trust{}, false, false}, {":5466", Trust{}, false, false}, {"0.0.0.0:5466", Trust{}, true, true},
		{"0.0.0.0:5466", Users{}, false, true}, {"nonsense", Trust{}, true, false},
	} {
		if err := CheckListen(c.addr, c.a, c.allow); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.addr, err)
		}
	}
}

// psql runs psql against addr and gives what it prints, on both outputs.
func psql(t *testing.T, addr, stdin, conn string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("psql"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no psql on this machine")
		}
		t.Skip("no psql on this machine: install postgresql-client to run this test")
	}
	host, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("psql", append([]string{"-X", "host=" + host + " port=" + port + " user=alice password=secret dbname=db " + conn}, args...)...)
	cmd.Env = append(os.Environ(), "PGCLIENTENCODING=UTF8", "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(stdin)
	out, _ := cmd.CombinedOutput()
	return string(out)
}

func TestPsql(t *testing.T) {
	_, e, addr := startServer(t, Config{})
	for _, c := range []struct{ sql, stdin, want string }{
		{"rows 2", "", "0|näme\t0|2026-01-01 00:00:00+00\n1|näme\t1|2026-01-01 00:00:00.5+00\n"},
		{"ä fail", "", "ERROR:  syntax error at or near \"ä\"\nLINE 1: ä fail\n        ^\n"},
		{"notice; fail nöne", "", "NOTICE:  take care\nNOTICE\nERROR:  column \"nöne\" does not exist\nLINE 1: notice; fail nöne\n                     ^\nDETAIL:  Not there.\nHINT:  Try another.\n"},
		{"copyin", "5\tfive\n\\.\n", "COPY 1\n"},
		{"copyin", "x\ty\n\\.\n", "ERROR:  invalid input syntax for type bigint: \"x\"\nCONTEXT:  COPY t, line 1, column a: \"x\"\n"},
		{"copyout 2", "", "0\tnäme\\t0\t2026-01-01 00:00:00+00\n1\tnäme\\t1\t2026-01-01 00:00:00.5+00\n"},
	} {
		if got := psql(t, addr, c.stdin, "", "-A", "-t", "-c", c.sql); got != c.want {
			t.Errorf("%s\ngot  %q\nwant %q", c.sql, got, c.want)
		}
	}
	if e.copied.String() != "5=five;" {
		t.Error(e.copied.String())
	}
	if got := psql(t, addr, "", "options='-c a=1' application_name=me", "-A", "-t", "-c", "rows 0"); got != "" {
		t.Error(got)
	}
	if got := fmt.Sprint(e.sessions[len(e.sessions)-1].info.Settings); !strings.Contains(got, "{a 1}") || !strings.Contains(got, "{application_name me}") {
		t.Error(got)
	}
}
