package lawtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// tpch makes rows of TPC-H's tables and changes of them, all from one random source. The words are those that the queries ask for, often.
type tpch struct {
	rng                                   *rand.Rand
	suppliers, parts, customers, orders   int
	nextOrder, nextCustomer, nextSupplier int
}

var (
	tpchRegions = []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"}
	tpchNations = strings.Split("ALGERIA:0,ARGENTINA:1,BRAZIL:1,CANADA:1,EGYPT:4,ETHIOPIA:0,FRANCE:3,GERMANY:3,INDIA:2,INDONESIA:2,IRAN:4,IRAQ:4,JAPAN:2,JORDAN:4,"+
		"KENYA:0,MOROCCO:0,MOZAMBIQUE:0,PERU:1,CHINA:2,ROMANIA:3,SAUDI ARABIA:4,VIETNAM:2,RUSSIA:3,UNITED KINGDOM:3,UNITED STATES:1", ",")
	tpchColors     = []string{"green", "forest", "almond", "blush", "ivory"}
	tpchBrands     = []string{"Brand#12", "Brand#23", "Brand#34", "Brand#45"}
	tpchTypes      = []string{"PROMO BURNISHED", "MEDIUM POLISHED", "STANDARD PLATED", "ECONOMY ANODIZED"}
	tpchMetals     = []string{"BRASS", "STEEL", "COPPER"}
	tpchSizes      = []int{1, 3, 9, 14, 15, 19, 23, 36, 45, 49}
	tpchContainers = []string{"SM CASE", "SM BOX", "MED BAG", "MED BOX", "LG CASE", "LG BOX"}
	tpchSegments   = []string{"BUILDING", "AUTOMOBILE", "MACHINERY"}
	tpchPriorities = []string{"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"}
	tpchModes      = []string{"AIR", "REG AIR", "MAIL", "SHIP", "RAIL"}
	tpchInstructs  = []string{"DELIVER IN PERSON", "COLLECT COD", "NONE"}
	tpchComments   = []string{"regular packages", "special handling requests", "Customer has many Complaints", "ironic deposits"}
)

func newTPCH(seed uint64) *tpch {
	return &tpch{rng: rand.New(rand.NewPCG(seed, 22)), suppliers: 40, parts: 80, customers: 60, orders: 400}
}

func (g *tpch) word(of []string) string { return of[g.rng.IntN(len(of))] }

func (g *tpch) money(lo, hi int) string {
	cents := lo*100 + g.rng.IntN((hi-lo)*100)
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

func (g *tpch) day(lo, hi time.Time) time.Time {
	return lo.AddDate(0, 0, g.rng.IntN(int(hi.Sub(lo).Hours()/24)))
}

// rows are the first rows of all tables as CSV.
func (g *tpch) rows() map[string][]string {
	out := map[string][]string{}
	add := func(table, format string, args ...any) { out[table] = append(out[table], fmt.Sprintf(format, args...)) }
	for i, r := range tpchRegions {
		add("region", "%d,%s,none", i, r)
	}
	for i, n := range tpchNations {
		name, region, _ := strings.Cut(n, ":")
		add("nation", "%d,%s,%s,none", i, name, region)
	}
	for range g.suppliers {
		g.nextSupplier++
		add("supplier", "%s", g.supplier(g.nextSupplier))
	}
	for i := range g.parts {
		add("part", "%d,%s %s,Manufacturer#%d,%s,%s %s,%d,%s,%s,none", i+1, g.word(tpchColors), g.word(tpchColors), 1+g.rng.IntN(5), g.word(tpchBrands),
			g.word(tpchTypes), g.word(tpchMetals), tpchSizes[g.rng.IntN(len(tpchSizes))], g.word(tpchContainers), g.money(900, 2000))
		first := g.rng.IntN(g.suppliers)
		for k := range 4 {
			add("partsupp", "%d,%d,%d,%s,none", i+1, 1+(first+k*7)%g.suppliers, g.rng.IntN(200), g.money(1, 1000))
		}
	}
	for range g.customers {
		g.nextCustomer++
		add("customer", "%s", g.customer(g.nextCustomer))
	}
	for range g.orders {
		order, lines := g.order()
		add("orders", "%s", order)
		for _, l := range lines {
			add("lineitem", "%s", l)
		}
	}
	return out
}

func (g *tpch) supplier(key int) string {
	nation := []int{2, 3, 6, 7, 8, 9, 18, 20}[g.rng.IntN(8)]
	return fmt.Sprintf("%d,Supplier#%09d,street %d,%d,%d-555-%04d,%s,%s", key, key, key, nation, nation+10, g.rng.IntN(10000), g.money(-999, 9999), g.word(tpchComments))
}

func (g *tpch) customer(key int) string {
	nation := []int{3, 6, 7, 2, 8, 9, 12, 13, 18, 19}[g.rng.IntN(10)]
	return fmt.Sprintf("%d,Customer#%09d,road %d,%d,%d-555-%04d,%s,%s,%s", key, key, key, nation, nation+10, g.rng.IntN(10000), g.money(-999, 9999),
		g.word(tpchSegments), g.word(tpchComments))
}

// order makes an order and its lines; a third of the customers never order.
func (g *tpch) order() (order string, lines []string) {
	g.nextOrder++
	key := g.nextOrder
	date := g.day(time.Date(1992, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1998, 8, 2, 0, 0, 0, 0, time.UTC))
	customer := 1 + g.rng.IntN(g.customers)
	customer -= customer % 3
	for n := range 1 + g.rng.IntN(7) {
		lines = append(lines, g.line(key, n+1, date))
	}
	return fmt.Sprintf("%d,%d,%s,%s,%s,%s,Clerk#%09d,0,%s", key, max(customer, 1), g.word([]string{"F", "F", "O", "P"}), g.money(1000, 300000), date.Format(time.DateOnly),
		g.word(tpchPriorities), g.rng.IntN(1000), g.word(tpchComments)), lines
}

func (g *tpch) line(order, number int, date time.Time) string {
	ship := date.AddDate(0, 0, 1+g.rng.IntN(121))
	commit := date.AddDate(0, 0, 30+g.rng.IntN(61))
	receipt := ship.AddDate(0, 0, 1+g.rng.IntN(30))
	status := "O"
	if ship.Before(time.Date(1995, 6, 17, 0, 0, 0, 0, time.UTC)) {
		status = "F"
	}
	return fmt.Sprintf("%d,%d,%d,%d,%d,%s,0.%02d,0.%02d,%s,%s,%s,%s,%s,%s,%s,none", order, 1+g.rng.IntN(g.parts), 1+g.rng.IntN(g.suppliers), number, 1+g.rng.IntN(50),
		g.money(900, 100000), g.rng.IntN(11), g.rng.IntN(9), g.word([]string{"R", "A", "N"}), status, ship.Format(time.DateOnly), commit.Format(time.DateOnly),
		receipt.Format(time.DateOnly), g.word(tpchInstructs), g.word(tpchModes))
}

// values is a line of CSV as the values of an INSERT; every column takes a quoted constant.
func values(csv string) string { return "('" + strings.ReplaceAll(csv, ",", "','") + "')" }

// change makes statements that insert, update and delete.
func (g *tpch) change() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for range 8 {
		order, lines := g.order()
		add("INSERT INTO orders VALUES %s", values(order))
		for _, l := range lines {
			add("INSERT INTO lineitem VALUES %s", values(l))
		}
	}
	g.nextCustomer++
	add("INSERT INTO customer VALUES %s", values(g.customer(g.nextCustomer)))
	g.nextSupplier++
	add("INSERT INTO supplier VALUES %s", values(g.supplier(g.nextSupplier)))
	gone := 1 + g.rng.IntN(g.nextOrder)
	add("DELETE FROM lineitem WHERE l_orderkey BETWEEN %d AND %d", gone, gone+4)
	add("DELETE FROM orders WHERE o_orderkey BETWEEN %d AND %d", gone, gone+4)
	add("DELETE FROM orders WHERE o_custkey = %d", 3*(1+g.rng.IntN(g.customers/3)))
	add("UPDATE lineitem SET l_quantity = l_quantity + 5, l_discount = 0.06 WHERE l_orderkey %% 17 = %d", g.rng.IntN(17))
	add("UPDATE lineitem SET l_receiptdate = l_commitdate + %d WHERE l_suppkey = %d", g.rng.IntN(9)-4, 1+g.rng.IntN(g.suppliers))
	add("UPDATE partsupp SET ps_supplycost = ps_supplycost * 0.5, ps_availqty = ps_availqty + 50 WHERE ps_partkey = %d", 1+g.rng.IntN(g.parts))
	add("UPDATE part SET p_name = '%s %s', p_size = %d WHERE p_partkey = %d", g.word(tpchColors), g.word(tpchColors), 14, 1+g.rng.IntN(g.parts))
	add("UPDATE customer SET c_acctbal = c_acctbal + 1000, c_mktsegment = '%s' WHERE c_custkey = %d", g.word(tpchSegments), 1+g.rng.IntN(g.customers))
	add("UPDATE supplier SET s_nationkey = (s_nationkey + 1) %% 25 WHERE s_suppkey = %d", 1+g.rng.IntN(g.suppliers))
	add("UPDATE orders SET o_orderpriority = '1-URGENT', o_comment = 'no special requests' WHERE o_orderkey %% 23 = %d", g.rng.IntN(23))
	add("UPDATE nation SET n_regionkey = (n_regionkey + 1) %% 5 WHERE n_nationkey = %d", g.rng.IntN(25))
	return out
}
