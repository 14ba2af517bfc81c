package dashboards

// prometheus is the data source that the variable names.
var prometheus = datasource{Type: "prometheus", UID: "${datasource}"}

// query asks for series over time, or with now for the last value alone.
func query(legend, expr string) target {
	return target{Datasource: prometheus, EditorMode: "code", Expr: expr, Format: "time_series", LegendFormat: legend, Range: true}
}

func now(legend, expr string) target {
	t := query(legend, expr)
	t.Instant, t.Range = true, false
	return t
}

// view is what every panel says about itself.
type view struct {
	title, description string
	unit               string
	none               string // shown where there is no value
	w, h               int    // in Grafana's grid of 24 columns
}

func (v view) panel(kind string, options any, queries ...target) panel {
	for i := range queries {
		queries[i].RefID = string(rune('A' + i))
	}
	return panel{
		Type: kind, Title: v.title, Description: v.description, Datasource: &prometheus, PluginVersion: pluginVersion,
		GridPos: gridPos{W: v.w, H: v.h}, Options: options, Targets: queries,
		FieldConfig: &fieldConfig{
			Defaults:  field{NoValue: v.none, Unit: v.unit, Mappings: []mapping{}, Thresholds: from(plain), Color: &color{Mode: "thresholds"}},
			Overrides: []override{},
		},
	}
}

var last = reduceOptions{Calcs: []string{"lastNotNull"}}

// number is one figure, or one for each series.
func number(v view, t thresholds, queries ...target) panel {
	p := v.panel("stat", statOptions{
		ColorMode: "value", GraphMode: "none", JustifyMode: "auto", Orientation: "auto", ReduceOptions: last, TextMode: "auto",
	}, queries...)
	p.FieldConfig.Defaults.Thresholds = t
	return p
}

// word is a state in words, on its colour.
func word(v view, words []mapping, queries ...target) panel {
	p := number(v, from(grey), queries...)
	o := p.Options.(statOptions)
	o.ColorMode = "background"
	p.Options, p.FieldConfig.Defaults.Mappings = o, words
	return p
}

// tiles are states side by side, each with its name.
func tiles(v view, words []mapping, queries ...target) panel {
	p := word(v, words, queries...)
	o := p.Options.(statOptions)
	o.TextMode = "value_and_name"
	p.Options = o
	return p
}

// bars compare the last values of series.
func bars(v view, t thresholds, queries ...target) panel {
	p := v.panel("bargauge", barOptions{
		DisplayMode: "basic", MinVizHeight: 10, Orientation: "horizontal", ReduceOptions: last, ShowUnfilled: true,
	}, queries...)
	p.FieldConfig.Defaults.Thresholds = t
	return p
}

var (
	below = legend{Calcs: []string{}, DisplayMode: "list", Placement: "bottom", ShowLegend: true}
	multi = tooltip{Mode: "multi", Sort: "desc"}
)

// graph is lines over time.
func graph(v view, queries ...target) panel {
	p := v.panel("timeseries", graphOptions{Legend: below, Tooltip: multi}, queries...)
	p.FieldConfig.Defaults.Color = &color{Mode: "palette-classic"}
	p.FieldConfig.Defaults.Custom = graphField{
		AxisPlacement: "auto", DrawStyle: "line", FillOpacity: 10, GradientMode: "none", LineInterpolation: "linear", LineWidth: 1, PointSize: 5,
		ScaleDistribution: distribution{"linear"}, ShowPoints: "never", Stacking: stacking{Group: "A", Mode: "none"},
	}
	return p
}

// stacked piles the series of a graph up.
func stacked(p panel) panel {
	custom := p.FieldConfig.Defaults.Custom.(graphField)
	custom.Stacking.Mode, custom.FillOpacity = "normal", 60
	p.FieldConfig.Defaults.Custom = custom
	return p
}

// timeline is states over time. Only with a fixed colour mode do their own
// words and colours show.
func timeline(v view, words []mapping, queries ...target) panel {
	p := v.panel("state-timeline", timelineOptions{
		AlignValue: "left", Legend: below, MergeValues: true, RowHeight: 0.9, ShowValue: "auto", Tooltip: tooltip{Mode: "single", Sort: "none"},
	}, queries...)
	gaps := false
	return states(p, words, stateField{FillOpacity: 85, SpanNulls: &gaps})
}

// history is states at points in time. Grafana refuses to draw more points than
// there is room for.
func history(v view, words []mapping, queries ...target) panel {
	p := v.panel("status-history", historyOptions{
		ColWidth: 0.9, Legend: below, RowHeight: 0.9, ShowValue: "never", Tooltip: tooltip{Mode: "single", Sort: "none"},
	}, queries...)
	p.MaxDataPoints = 96
	return states(p, words, stateField{FillOpacity: 85, LineWidth: 1})
}

func states(p panel, words []mapping, custom stateField) panel {
	d := &p.FieldConfig.Defaults
	d.Color, d.Mappings, d.Custom, d.Thresholds = &color{Mode: "fixed", FixedColor: grey}, words, custom, from(grey)
	return p
}

// heatmap draws the buckets of a histogram.
func heatmap(v view, expr string) panel {
	t := query("{{le}}", expr)
	t.Format = "heatmap"
	p := v.panel("heatmap", heatmapOptions{
		CellGap: 1, CellValues: unitOf{"short"}, FilterValues: heatmapFilter{1e-9}, Legend: heatmapLegend{true}, RowsFrame: heatmapRows{"auto"}, Exemplars: exemplars{amber},
		Color:   heatmapColor{Exponent: 0.5, Fill: blue, Mode: "scheme", Scale: "exponential", Scheme: "Blues", Steps: 64},
		Tooltip: heatmapTooltip{Show: true}, YAxis: heatmapAxis{AxisPlacement: "left", Unit: v.unit},
	}, t)
	p.MaxDataPoints = 120
	p.FieldConfig.Defaults.Custom = heatmapField{ScaleDistribution: distribution{"linear"}}
	return p
}

// painted gives series of these names their colours.
func painted(p panel, colors map[string]string) panel {
	for _, name := range sorted(colors) {
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{
			Matcher:    matcher{"byName", name},
			Properties: []property{{"color", color{Mode: "fixed", FixedColor: colors[name]}}},
		})
	}
	return p
}

func decimals(p panel, n int) panel {
	p.FieldConfig.Defaults.Decimals = &n
	return p
}

// between sets the ends of the scale.
func between(p panel, low, high float64) panel {
	p.FieldConfig.Defaults.Min, p.FieldConfig.Defaults.Max = &low, &high
	return p
}

// linked makes all values of a panel a link.
func linked(p panel, l link) panel {
	p.FieldConfig.Defaults.Links = append(p.FieldConfig.Defaults.Links, l)
	return p
}
