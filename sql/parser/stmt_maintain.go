package parser

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// vacuum is VACUUM [(options) | FULL FREEZE VERBOSE ANALYZE] [table [(columns)], ...].
func (p *parser) vacuum() ast.Stmt {
	st := &ast.Maintain{Pos: p.pos(), Kind: "vacuum"}
	p.need("vacuum")
	if p.at("(") {
		for _, o := range p.optionList(false) {
			st.Analyze = st.Analyze || (o.Key == "analyze" || o.Key == "analyse") && o.Value != "off" && o.Value != "false" && o.Value != "0"
		}
	} else {
		for p.opt("full") || p.opt("freeze") || p.opt("verbose") {
		}
		st.Analyze = p.opt("analyze") || p.opt("analyse")
	}
	p.maintained(st)
	return st
}

// analyze is ANALYZE [(options) | VERBOSE] [table [(columns)], ...].
func (p *parser) analyze() ast.Stmt {
	st := &ast.Maintain{Pos: p.pos(), Kind: "analyze", Analyze: true}
	p.i++
	if p.at("(") {
		p.optionList(false)
	} else {
		p.opt("verbose")
	}
	p.maintained(st)
	return st
}

// maintained takes table [(columns)], ..., if any come.
func (p *parser) maintained(st *ast.Maintain) {
	if !p.atName() {
		return
	}
	for {
		st.Names = append(st.Names, p.names())
		st.Cols = append(st.Cols, p.bracketNames())
		if !p.opt(",") {
			return
		}
	}
}

// cluster is CLUSTER [VERBOSE] [table [USING index]].
func (p *parser) cluster() ast.Stmt {
	st := &ast.Maintain{Pos: p.pos(), Kind: "cluster"}
	p.need("cluster")
	if p.at("(") {
		p.optionList(false)
	} else {
		p.opt("verbose")
	}
	if p.atName() {
		st.Names = append(st.Names, p.names())
		if p.opt("using") {
			st.Index = p.name()
		}
	}
	return st
}

// reindex is REINDEX [(options)] INDEX | TABLE | SCHEMA | DATABASE | SYSTEM [CONCURRENTLY] name.
func (p *parser) reindex() ast.Stmt {
	st := &ast.Maintain{Pos: p.pos(), Kind: "reindex"}
	p.need("reindex")
	if p.at("(") {
		p.optionList(false)
	}
	st.Object = p.oneOf("index", "table", "schema", "database", "system")
	p.opt("concurrently")
	st.Names = append(st.Names, p.names())
	return st
}

// lockModes are the modes of LOCK TABLE.
var lockModes = []string{"access share", "row share", "row exclusive", "share update exclusive", "share row exclusive", "share", "exclusive", "access exclusive"}

// lock is LOCK [TABLE] [ONLY] name [*], ... [IN mode MODE] [NOWAIT].
func (p *parser) lock() ast.Stmt {
	st := &ast.Maintain{Pos: p.pos(), Kind: "lock", Mode: "access exclusive"}
	p.need("lock")
	p.opt("table")
	for {
		p.opt("only")
		st.Names = append(st.Names, p.names())
		p.opt("*")
		if !p.opt(",") {
			break
		}
	}
	if p.opt("in") {
		k := slices.IndexFunc(lockModes, func(m string) bool { return p.at(append(strings.Fields(m), "mode")...) })
		if k < 0 {
			p.fail()
		}
		st.Mode = lockModes[k]
		p.i += len(strings.Fields(st.Mode)) + 1
	}
	st.NoWait = p.opt("nowait")
	return st
}
