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
	TriggerContinuous                      // as soon as there is something new; on disk at an interval
)

// Trigger is the trigger option of a continuous query.
type Trigger struct {
	Kind  TriggerKind
	Every time.Duration // of TriggerInterval; of TriggerContinuous between two checkpoints
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
		return parseContinuous(s, strings.TrimSpace(strings.TrimPrefix(low, "continuous")))
	}
	d, ok := ParseInterval(s)
	if !ok || d <= 0 || hasMonths(s) {
		return Trigger{}, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option \"trigger\": %q", s).
			WithHint("It is 'default', an interval such as '5 seconds', 'once', 'available_now', 'continuous' or 'manual'.")
	}
	return Trigger{Kind: TriggerInterval, Every: d}, nil
}

// parseContinuous reads the interval between the checkpoints of a continuous trigger; none: a second.
func parseContinuous(whole, interval string) (Trigger, error) {
	d, ok := time.Second, true
	if interval != "" {
		d, ok = ParseInterval(interval)
	}
	if !ok || d <= 0 {
		return Trigger{}, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option \"trigger\": %q", whole).
			WithHint("After 'continuous' comes the interval between two checkpoints, such as 'continuous 1 second'.")
	}
	return Trigger{Kind: TriggerContinuous, Every: d}, nil
}

// hasMonths says whether an interval is no fixed time.
func hasMonths(s string) bool {
	iv, err := types.ParseInterval(s)
	return err == nil && iv.Months != 0
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

// Runs says whether steps come by themselves, without an end.
func (t Trigger) Runs() bool {
	return t.Kind == TriggerDefault || t.Kind == TriggerInterval || t.Kind == TriggerContinuous
}
