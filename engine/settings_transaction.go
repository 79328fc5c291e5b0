package engine

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// txSetting gives the parameters that tell of the transaction at hand, or of the next one.
func (a *sessionAt) txSetting(name string) (value string, ok bool) {
	switch strings.ToLower(name) {
	case "transaction_isolation":
		if a.tx != nil {
			return a.tx.isolation, true
		}
		return a.values.get(findSetting("default_transaction_isolation")), true
	case "transaction_read_only":
		if a.tx == nil {
			return a.values.get(findSetting("default_transaction_read_only")), true
		}
		if a.tx.readOnly {
			return "on", true
		}
		return "off", true
	case "transaction_deferrable":
		if a.tx == nil {
			return a.values.get(findSetting("default_transaction_deferrable")), true
		}
		if a.tx.waits {
			return "on", true
		}
		return "off", true
	}
	return "", false
}

// setTxSetting sets one of the transaction's parameters; is says whether name is one.
func (s *session) setTxSetting(name, value string) (is bool, err error) {
	name = strings.ToLower(name)
	if name != "transaction_isolation" && name != "transaction_read_only" && name != "transaction_deferrable" {
		return false, nil
	}
	st := findSetting(name)
	if st == nil {
		return false, nil
	}
	if value, err = st.check(value); err != nil {
		return true, err
	}
	switch name {
	case "transaction_isolation":
		s.begin().isolation = value
	case "transaction_deferrable":
		s.begin().waits = value == "on"
	default:
		return true, s.setReadOnly(value == "on")
	}
	return true, nil
}

// setTransaction is SET TRANSACTION.
func (s *session) setTransaction(modes []string, w ResultWriter) error {
	if s.tx == nil || !s.tx.block {
		s.notice("WARNING", sqlerr.NoActiveSQLTransaction, "", "SET TRANSACTION can only be used in transaction blocks")
		return w.Complete("SET")
	}
	if s.tx.versions != nil && slices.ContainsFunc(modes, func(m string) bool {
		return strings.HasPrefix(m, "isolation") && m != "isolation level "+s.tx.isolation
	}) {
		return sqlerr.New(sqlerr.ActiveSQLTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query")
	}
	for _, m := range modes {
		if m == "read only" || m == "read write" {
			if err := s.setReadOnly(m == "read only"); err != nil {
				return err
			}
		}
	}
	s.modes(modes)
	return w.Complete("SET")
}

// setReadOnly makes the transaction read-only; it becomes read-write again only outside savepoints and before it has read anything.
func (s *session) setReadOnly(on bool) error {
	tx := s.begin()
	switch {
	case on || !tx.readOnly:
	case len(tx.savepoints) > 0:
		return sqlerr.New(sqlerr.ActiveSQLTransaction, "cannot set transaction read-write mode inside a read-only transaction")
	case tx.versions != nil:
		return sqlerr.New(sqlerr.ActiveSQLTransaction, "transaction read-write mode must be set before any query")
	}
	tx.readOnly = on
	return nil
}

// setCharacteristics is SET SESSION CHARACTERISTICS AS TRANSACTION.
func (s *session) setCharacteristics(modes []string, w ResultWriter) error {
	for _, m := range modes {
		name, value := "default_transaction_read_only", "off"
		switch {
		case m == "read only":
			value = "on"
		case m == "read write":
		case m == "deferrable":
			name, value = "default_transaction_deferrable", "on"
		case m == "not deferrable":
			name = "default_transaction_deferrable"
		case strings.HasPrefix(m, "isolation level "):
			name, value = "default_transaction_isolation", strings.TrimPrefix(m, "isolation level ")
		default:
			continue
		}
		if err := s.SetSetting(name, value, false); err != nil {
			return err
		}
	}
	return w.Complete("SET")
}
