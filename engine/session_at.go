package engine

import "strings"

// sessionAt is what a statement's expressions ask of their session, as it was when the statement began: the rows of a cursor are computed
// while the session goes on. Settings are never changed in place, so it holds them without a copy.
type sessionAt struct {
	*session
	values settingValues
	tx     *txn
	temp   string
}

func (s *session) at() *sessionAt {
	return &sessionAt{session: s, values: s.values, tx: s.tx, temp: s.temp}
}

// SearchPath is the schemas that names are looked for in, in their order; those that do not exist are left out.
func (a *sessionAt) SearchPath() []string {
	var path []string
	if a.temp != "" {
		path = append(path, a.temp)
	}
	for _, p := range strings.Split(a.values.get(findSetting("search_path")), ",") {
		p = strings.TrimSpace(p)
		if q, ok := strings.CutPrefix(p, `"`); ok {
			p = strings.ReplaceAll(strings.TrimSuffix(q, `"`), `""`, `"`)
		} else {
			p = strings.ToLower(p)
		}
		if p == "$user" {
			if p = a.info.User; isSystemSchema(p) {
				continue // a user may be called streamsql
			}
		}
		if p != "" && a.cat().Schema(p) != nil {
			path = append(path, p)
		}
	}
	return path
}

// Setting gives a parameter's value.
func (a *sessionAt) Setting(name string) (string, bool) {
	if v, ok := a.txSetting(name); ok {
		return v, true
	}
	if v, ok := a.values[strings.ToLower(name)]; ok {
		return v, true
	}
	if st := findSetting(name); st != nil {
		return a.values.get(st), true
	}
	return "", false
}

// SetSetting sets a parameter in the session; the rest of the statement sees it.
func (a *sessionAt) SetSetting(name, value string, local bool) error {
	err := a.session.SetSetting(name, value, local)
	a.values = a.session.values
	return err
}
