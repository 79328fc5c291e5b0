package types

func timeOverflows(hour, minute, sec, fsec int) bool {
	return hour < 0 || hour > 24 || minute < 0 || minute > 59 || sec < 0 || sec > 60 ||
		int64(hour)*Hour+int64(minute)*Minute+int64(sec)*Second+int64(fsec) > Day
}

// finish settles the year and checks what only the whole date can tell.
func (d *datetime) finish(timeOnly bool) dtFault {
	if fault := d.checkDate(); fault != dtOK {
		return fault
	}
	if d.ampm >= 0 {
		if d.hour > 12 {
			return dtOverflow
		}
		d.hour = d.hour%12 + d.ampm
	}
	if timeOverflows(d.hour, d.min, d.sec, d.fsec) {
		return dtOverflow
	}
	if d.mask&hasDate != hasDate || timeOnly && d.mask&hasTime != hasTime {
		return dtBad
	}
	return dtOK
}

func (d *datetime) checkDate() dtFault {
	if d.mask&hasYear != 0 && !d.julian {
		switch {
		case d.bc:
			if d.year <= 0 {
				return dtOverflow
			}
			d.year = 1 - d.year
		case d.twoDigits && d.year < 70:
			d.year += 2000
		case d.twoDigits && d.year < 100:
			d.year += 1900
		case d.year <= 0:
			return dtOverflow
		}
	}
	if d.mask&hasDOY != 0 {
		d.year, d.mon, d.day = CivilFromDays(DaysFromCivil(d.year, 1, 1) + d.yday - 1)
	}
	switch {
	case d.mask&hasMonth != 0 && (d.mon < 1 || d.mon > 12), d.mask&hasDay != 0 && (d.day < 1 || d.day > 31):
		return dtMDOverflow
	case d.mask&hasDate == hasDate && d.day > DaysInMonth(d.year, d.mon):
		return dtOverflow
	}
	return dtOK
}
