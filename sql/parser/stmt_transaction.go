package parser

import (
	"github.com/streamsqld/streamsqld/sql/ast"
)

// begin is BEGIN [WORK | TRANSACTION] modes or START TRANSACTION modes.
func (p *parser) begin() ast.Stmt {
	st := &ast.Transaction{Pos: p.pos(), Kind: "begin"}
	if p.oneOf("begin", "start") == "start" {
		p.need("transaction")
		st.Name = "start"
	} else {
		p.work()
	}
	st.Modes = p.txModes()
	return st
}

func (p *parser) work() { _ = p.opt("work") || p.opt("transaction") }

// txModes takes ISOLATION LEVEL x, READ ONLY, READ WRITE, [NOT] DEFERRABLE, with or without commas.
func (p *parser) txModes() []string {
	var modes []string
	for {
		n := p.i
		if len(modes) > 0 {
			p.opt(",")
		}
		switch {
		case p.opt("isolation"):
			p.need("level")
			modes = append(modes, "isolation level "+p.isolation())
		case p.opt("read"):
			modes = append(modes, "read "+p.oneOf("only", "write"))
		case p.opt("not", "deferrable"):
			modes = append(modes, "not deferrable")
		case p.opt("deferrable"):
			modes = append(modes, "deferrable")
		default:
			p.i = n
			return modes
		}
	}
}

func (p *parser) isolation() string {
	switch p.oneOf("serializable", "repeatable", "read") {
	case "repeatable":
		p.need("read")
		return "repeatable read"
	case "read":
		return "read " + p.oneOf("committed", "uncommitted")
	}
	return "serializable"
}

func (p *parser) commit() ast.Stmt {
	st := &ast.Transaction{Pos: p.pos(), Kind: "commit"}
	p.oneOf("commit", "end")
	if p.at("prepared") {
		p.unsupported(p.pos(), "COMMIT PREPARED")
	}
	p.work()
	st.Chain = p.chain()
	return st
}

func (p *parser) chain() bool {
	if p.opt("and", "chain") {
		return true
	}
	p.opt("and", "no", "chain")
	return false
}

// rollback is ROLLBACK | ABORT, or ROLLBACK TO [SAVEPOINT] name.
func (p *parser) rollback() ast.Stmt {
	st := &ast.Transaction{Pos: p.pos(), Kind: "rollback"}
	abort := p.oneOf("rollback", "abort") == "abort"
	if p.at("prepared") {
		p.unsupported(p.pos(), "ROLLBACK PREPARED")
	}
	p.work()
	if !abort && p.opt("to") {
		p.opt("savepoint")
		st.Kind, st.Name = "rollback to", p.name()
		return st
	}
	st.Chain = p.chain()
	return st
}

func (p *parser) savepoint() ast.Stmt {
	st := &ast.Transaction{Pos: p.pos(), Kind: "savepoint"}
	p.need("savepoint")
	st.Name = p.name()
	return st
}

func (p *parser) release() ast.Stmt {
	st := &ast.Transaction{Pos: p.pos(), Kind: "release"}
	p.need("release")
	p.opt("savepoint")
	st.Name = p.name()
	return st
}

// listen is LISTEN channel, UNLISTEN channel | *, NOTIFY channel [, 'payload'].
func (p *parser) listen() ast.Stmt {
	st := &ast.Listen{Pos: p.pos(), Kind: p.label()}
	if st.Kind == "unlisten" && p.opt("*") {
		st.Channel = "*"
		return st
	}
	st.Channel = p.name()
	if st.Kind == "notify" && p.opt(",") {
		st.Payload = p.str()
	}
	return st
}
