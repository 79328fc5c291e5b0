package types

import (
	"encoding/binary"
	"time"
)

// zonePeriod is a time from which a zone has an offset, in seconds since 1970 and seconds east of UTC.
type zonePeriod struct {
	from   int64
	offset int
}

// buildZone makes a zone of its own: the offset of the first period holds before it too, and rule, where there is one, is a POSIX rule
// (CST7CDT,M4.1.0,M10.5.0) for the times after the last period. It gives nil for a rule that can't be read.
func buildZone(name, abbrev string, periods []zonePeriod, rule string) *time.Location {
	b := append([]byte("TZif2"), make([]byte, 15+24)...)
	b = append(append(b, "TZif2"...), make([]byte, 15+12)...)
	be := binary.BigEndian
	b = be.AppendUint32(b, uint32(len(periods)))
	b = be.AppendUint32(b, uint32(len(periods)))
	b = be.AppendUint32(b, uint32(len(abbrev)+1))
	for _, p := range periods {
		b = be.AppendUint64(b, uint64(p.from))
	}
	for i := range periods {
		b = append(b, byte(i))
	}
	for _, p := range periods {
		b = append(be.AppendUint32(b, uint32(int32(p.offset))), 0, 0)
	}
	b = append(append(b, abbrev...), 0)
	l, err := time.LoadLocationFromTZData(name, append(b, "\n"+rule+"\n"...))
	if err != nil {
		return nil
	}
	return l
}

// zonePeriods lists the periods of a zone in which it goes by the name abbrev.
func zonePeriods(l *time.Location, abbrev string) (out []zonePeriod) {
	last := time.Date(2037, 12, 31, 0, 0, 0, 0, time.UTC)
	for at := time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC).In(l); len(out) < 250; {
		name, off := at.Zone()
		if name == abbrev {
			out = append(out, zonePeriod{at.Unix(), off})
		}
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(last) {
			return out
		}
		at = end
	}
	return out
}
