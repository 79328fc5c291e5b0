package stream

import (
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// TriggerKind says when a query's next step comes.
type TriggerKind byte

const (
	TriggerDefault      TriggerKind = iota // as soon as there is something new
	TriggerInterval                        // at the multiples of an interval
	TriggerOnce                            // one step of all that is there, then stop
	TriggerAvailableNow                    // all that is there in steps under the limits, then stop
	TriggerManual                          // by RunTrigger
)

// Trigger is the trigger option of a continuous query.
type Trigger struct {
	Kind  TriggerKind
	Every time.Duration // of TriggerInterval
}

// ParseTrigger reads the trigger option; "" is 'default'. What it doesn't know is 22023.
func ParseTrigger(s string) (Trigger, error) {
	switch low := strings.ToLower(strings.TrimSpace(s)); {
	case low == "" || low == "default":
		return Trigger{}, nil
	case low == "once":
		return Trigger{Kind: TriggerOnce}, nil
	case low == "available_now":
		return Trigger{Kind: TriggerAvailableNow}, nil
	case low == "manual":
		return Trigger{Kind: TriggerManual}, nil
	case low == "continuous" || strings.HasPrefix(low, "continuous "):
		return Trigger{}, sqlerr.New(sqlerr.FeatureNotSupported, "trigger 'continuous' is not supported yet").
			WithHint("Use trigger = 'default', which starts the next batch as soon as there is new data.")
	}
	d, ok := ParseInterval(s)
	if !ok || d <= 0 {
		return Trigger{}, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option \"trigger\": %q", s).
			WithHint("It is 'default', an interval such as '5 seconds', 'once', 'available_now' or 'manual'.")
	}
	return Trigger{Kind: TriggerInterval, Every: d}, nil
}

// ParseInterval reads an option's interval in PostgreSQL's forms; a month counts 30 days, a day 24 hours.
func ParseInterval(s string) (time.Duration, bool) {
	iv, err := types.ParseInterval(s)
	if err != nil {
		return 0, false
	}
	days := int64(iv.Months)*30 + int64(iv.Days)
	return time.Duration(days*86400e6+iv.Micros) * time.Microsecond, true
}
