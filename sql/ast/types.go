package ast

type (
	// CreateType is CREATE TYPE name AS ENUM (labels) or AS (attributes).
	CreateType struct {
		Pos    Pos
		Names  []string
		Enum   bool
		Labels []string
		Attrs  []ColumnDef
	}
	// CreateDomain is CREATE DOMAIN name AS type constraints; Def has the type, default and constraints.
	CreateDomain struct {
		Pos   Pos
		Names []string
		Def   ColumnDef
	}
	// AlterType is ALTER TYPE or DOMAIN name action.
	AlterType struct {
		Pos   Pos
		Kind  string // "type", "domain"
		Names []string
		// Action: "add value", "rename value", "rename", "set schema", "owner", "add attribute", "drop attribute", "alter attribute", "rename attribute",
		// "set default", "drop default", "set not null", "drop not null", "add constraint", "drop constraint", "rename constraint", "validate constraint".
		Action   string
		Name     string // the value, attribute or constraint
		NewName  string
		IfExists bool // IF [NOT] EXISTS of the action
		Cascade  bool
		Before   string // ADD VALUE ... BEFORE
		After    string
		Def      ColumnDef // the attribute, or the default
		Check    *Check
	}
)

func (*CreateType) stmt()   {}
func (*CreateDomain) stmt() {}
func (*AlterType) stmt()    {}
