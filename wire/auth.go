package wire

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/xdg-go/scram"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Authenticator decides who may log in.
type Authenticator interface {
	// Open says that nobody is asked for a password.
	Open() bool
	// Verifier gives what user's password is checked against; ok is false where the user does not exist or has none.
	Verifier(user string) (v Verifier, ok bool)
}

// Verifier is a password as PostgreSQL keeps it for SCRAM-SHA-256: it proves a password but does not hold it.
type Verifier = scram.StoredCredentials

const scramIterations = 4096

// Trust lets everyone in.
type Trust struct{}

// Open is true.
func (Trust) Open() bool { return true }

// Verifier is never asked.
func (Trust) Verifier(string) (Verifier, bool) { return Verifier{}, false }

// Users asks for passwords by SCRAM-SHA-256: verifiers by user name.
type Users map[string]Verifier

// Open is false.
func (Users) Open() bool { return false }

// Verifier looks the user up.
func (u Users) Verifier(user string) (Verifier, bool) {
	v, ok := u[user]
	return v, ok
}

// NewUsers makes Users of a user's name to a password, which may be plain or a verifier as ParseVerifier takes it.
func NewUsers(passwords map[string]string) (Users, error) {
	u := Users{}
	for name, p := range passwords {
		v, err := ParseVerifier(p)
		if err != nil {
			return nil, fmt.Errorf("password of user %q: %w", name, err)
		}
		u[name] = v
	}
	return u, nil
}

// ParseVerifier reads SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>, as in pg_authid.rolpassword; any
// other text is a plain password, of which it makes a verifier with a random salt.
func ParseVerifier(s string) (Verifier, error) {
	rest, ok := strings.CutPrefix(s, "SCRAM-SHA-256$")
	if !ok {
		salt := make([]byte, 16)
		rand.Read(salt)
		return newVerifier(s, string(salt))
	}
	bad := fmt.Errorf("not a SCRAM-SHA-256 verifier")
	head, keys, ok := strings.Cut(rest, "$")
	iter, salt, ok2 := strings.Cut(head, ":")
	stored, server, ok3 := strings.Cut(keys, ":")
	if !ok || !ok2 || !ok3 {
		return Verifier{}, bad
	}
	n, err := strconv.Atoi(iter)
	if err != nil || n < 1 {
		return Verifier{}, bad
	}
	v := Verifier{KeyFactors: scram.KeyFactors{Iters: n}}
	b, err := base64.StdEncoding.DecodeString(salt)
	if err != nil {
		return Verifier{}, bad
	}
	v.Salt = string(b)
	if v.StoredKey, err = base64.StdEncoding.DecodeString(stored); err != nil || len(v.StoredKey) != sha256.Size {
		return Verifier{}, bad
	}
	if v.ServerKey, err = base64.StdEncoding.DecodeString(server); err != nil || len(v.ServerKey) != sha256.Size {
		return Verifier{}, bad
	}
	return v, nil
}

// FormatVerifier is v as ParseVerifier reads it.
func FormatVerifier(v Verifier) string {
	e := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", v.Iters, e([]byte(v.Salt)), e(v.StoredKey), e(v.ServerKey))
}

func newVerifier(password, salt string) (Verifier, error) {
	c, err := scram.SHA256.NewClient("", password, "")
	if err != nil {
		return Verifier{}, err
	}
	return c.GetStoredCredentialsWithError(scram.KeyFactors{Salt: salt, Iters: scramIterations})
}

// mockKey makes the salts of users that do not exist, so that an answer does not tell whether one does.
var mockKey = func() []byte { k := make([]byte, 32); rand.Read(k); return k }()

func mockVerifier(user string) Verifier {
	h := hmac.New(sha256.New, mockKey)
	h.Write([]byte(user))
	sum := h.Sum(nil)
	return Verifier{KeyFactors: scram.KeyFactors{Salt: string(sum[:16]), Iters: scramIterations}, StoredKey: sum, ServerKey: sum}
}

// authenticate lets the client in or fails with 28P01. AuthenticationOk is in the buffer when it succeeds.
func (c *conn) authenticate(user string) error {
	if c.srv.cfg.Auth.Open() {
		c.send(&pgproto3.AuthenticationOk{})
		return nil
	}
	v, known := c.srv.cfg.Auth.Verifier(user)
	if !known {
		v = mockVerifier(user)
	}
	if err := c.scram(v); err != nil || !known {
		if err == errDone {
			return err
		}
		return sqlerr.New(sqlerr.InvalidPassword, "password authentication failed for user \"%s\"", user)
	}
	c.send(&pgproto3.AuthenticationOk{})
	return nil
}

// scram is the exchange of messages. The user name inside is not looked at: libpq leaves it empty.
func (c *conn) scram(v Verifier) error {
	srv, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return v, nil })
	if err != nil {
		return err
	}
	talk := srv.NewConversation()
	c.send(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{"SCRAM-SHA-256"}})
	msg, err := c.ask(pgproto3.AuthTypeSASL)
	if err != nil {
		return err
	}
	first, ok := msg.(*pgproto3.SASLInitialResponse)
	if !ok || first.AuthMechanism != "SCRAM-SHA-256" {
		return fmt.Errorf("client chose no SASL mechanism that was offered")
	}
	answer, err := talk.Step(string(first.Data))
	if err != nil {
		return err
	}
	c.send(&pgproto3.AuthenticationSASLContinue{Data: []byte(answer)})
	msg, err = c.ask(pgproto3.AuthTypeSASLContinue)
	if err != nil {
		return err
	}
	proof, ok := msg.(*pgproto3.SASLResponse)
	if !ok {
		return fmt.Errorf("client sent %T for its proof", msg)
	}
	answer, err = talk.Step(string(proof.Data))
	if err != nil || !talk.Valid() {
		return fmt.Errorf("wrong password")
	}
	c.send(&pgproto3.AuthenticationSASLFinal{Data: []byte(answer)})
	return nil
}

// ask sends what is there and receives the client's answer; errDone where it leaves, as psql does to ask for a password.
func (c *conn) ask(authType uint32) (pgproto3.FrontendMessage, error) {
	if err := c.flush(); err != nil {
		return nil, errDone
	}
	if err := c.be.SetAuthType(authType); err != nil {
		return nil, err
	}
	msg, err := c.be.Receive()
	if err != nil {
		return nil, errDone
	}
	return msg, nil
}

// CheckListen refuses to serve an address outside loopback when nobody is asked for a password, unless allowed by name.
func CheckListen(addr string, a Authenticator, allowRemoteTrust bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen address %q: %w", addr, err)
	}
	if !a.Open() || allowRemoteTrust || host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen address %q can be reached from other machines, and --auth trust lets everyone in without a password: "+
		"use --auth scram, listen on 127.0.0.1, or say --allow-remote-trust", addr)
}
