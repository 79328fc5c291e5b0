package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// grammarTypes are the types that PostgreSQL's grammar knows by key words, with the names they have in pg_type.
var grammarTypes = map[string]string{
	"int": "int4", "integer": "int4", "smallint": "int2", "bigint": "int8", "real": "float4", "float": "float8",
	"decimal": "numeric", "dec": "numeric", "numeric": "numeric", "boolean": "bool", "bit": "bit",
	"character": "bpchar", "char": "bpchar", "national": "bpchar", "nchar": "bpchar", "varchar": "varchar",
	"time": "time", "timestamp": "timestamp", "interval": "interval",
}

// typeName takes a type (Typename): its name, modifiers, interval fields and array bounds.
func (p *parser) typeName() ast.TypeName {
	if p.at("setof") {
		p.fail()
	}
	ty := p.simpleType()
	if p.opt("array") {
		ty.Dims = 1
		if p.opt("[") {
			p.integer()
			p.need("]")
		}
		return ty
	}
	for p.opt("[") {
		if !p.at("]") {
			p.integer()
		}
		p.need("]")
		ty.Dims++
	}
	return ty
}

func (p *parser) simpleType() ast.TypeName {
	t := p.cur()
	ty := ast.TypeName{Pos: p.pos()}
	if t.kind == tIdent {
		if p.at("double", "precision") {
			p.i += 2
			ty.Name = []string{"float8"}
			return ty
		}
		if name, ok := grammarTypes[t.text]; ok {
			p.i++
			ty.Name = []string{name}
			p.grammarType(t.text, &ty)
			return ty
		}
	}
	if t.kind != tQuoted && (t.kind != tIdent || keywords[t.text].class == reserved || keywords[t.text].class == colName) {
		p.fail()
	}
	ty.Name = []string{p.label()}
	for p.at(".") {
		p.i++
		ty.Name = append(ty.Name, p.label())
	}
	if p.at("%") && p.peek(1).is("type") {
		p.unsupported(p.pos(), "%TYPE")
	}
	ty.Mods = p.typeMods()
	return ty
}

// grammarType takes what may follow the key word of a built-in type.
func (p *parser) grammarType(word string, ty *ast.TypeName) {
	switch word {
	case "float":
		if ty.Mods = p.typeMods(); ty.Mods != nil {
			switch n := ty.Mods[0]; {
			case n < 1:
				p.refuse(ty.Pos, sqlerr.InvalidParameterValue, "precision for type float must be at least 1 bit")
			case n > 53:
				p.refuse(ty.Pos, sqlerr.InvalidParameterValue, "precision for type float must be less than 54 bits")
			case n <= 24:
				ty.Name = []string{"float4"}
			}
			ty.Mods = nil
		}
	case "decimal", "dec", "numeric":
		ty.Mods = p.typeMods()
	case "bit":
		if p.opt("varying") {
			ty.Name = []string{"varbit"}
		}
		if ty.Mods = p.typeMods(); ty.Mods == nil && ty.Name[0] == "bit" {
			ty.Mods = []int{1}
		}
	case "national":
		p.oneOf("character", "char")
		p.characterType(ty)
	case "character", "char", "nchar", "varchar":
		p.characterType(ty)
	case "time", "timestamp":
		ty.Mods = p.typeMods()
		if p.opt("with", "time", "zone") {
			ty.Name[0] += "tz"
		} else {
			p.opt("without", "time", "zone")
		}
	case "interval":
		if ty.Mods = p.typeMods(); ty.Mods == nil {
			p.intervalFields(ty)
		}
	}
}

func (p *parser) characterType(ty *ast.TypeName) {
	if ty.Name[0] == "bpchar" && p.opt("varying") {
		ty.Name[0] = "varchar"
	}
	if ty.Mods = p.typeMods(); ty.Mods == nil && ty.Name[0] == "bpchar" {
		ty.Mods = []int{1}
	}
}

// typeMods takes (n, ...) if a bracket comes next.
func (p *parser) typeMods() []int {
	if !p.opt("(") {
		return nil
	}
	mods := []int{int(p.integer())}
	for p.opt(",") {
		mods = append(mods, int(p.integer()))
	}
	p.need(")")
	return mods
}

// intervalFields takes YEAR, DAY TO SECOND(3) and the like.
func (p *parser) intervalFields(ty *ast.TypeName) {
	if !p.atAny("year", "month", "day", "hour", "minute", "second") {
		return
	}
	ty.Fields = p.label()
	if p.at("to") {
		ends := map[string][]string{
			"year": {"month"}, "day": {"hour", "minute", "second"}, "hour": {"minute", "second"}, "minute": {"second"},
		}[ty.Fields]
		p.i++
		ty.Fields += " to " + p.oneOf(ends...)
	}
	if n := len(ty.Fields); n >= 6 && ty.Fields[n-6:] == "second" {
		ty.Mods = p.typeMods()
	}
}

// typedLiteral writes a constant of a type that the grammar knows by a key word: INT '5', TIMESTAMP(0) WITH TIME ZONE '...',
// INTERVAL '5' MINUTE; false where the word at hand begins none, and may be a column.
func (p *parser) typedLiteral() bool {
	t := p.cur()
	_, known := grammarTypes[t.text]
	if !known && !p.at("double", "precision") {
		return false
	}
	n := p.peek(1)
	if n.kind != tString && !n.is("(") && !n.is("with") && !n.is("without") && !n.is("varying") && !n.is("precision") &&
		!(t.text == "national" && (n.is("character") || n.is("char"))) {
		return false
	}
	if (n.is("with") || n.is("without")) && !p.peek(2).is("time") {
		return false
	}
	ty := p.simpleType()
	if p.cur().kind != tString {
		p.fail()
	}
	lit := &ast.Literal{Pos: p.pos(), Kind: ast.LitString, Text: p.str()}
	if ty.Name[0] == "interval" && ty.Mods == nil {
		p.intervalFields(&ty)
	}
	p.leaf(&ast.Cast{Pos: ty.Pos, X: lit, Type: ty})
	return true
}
