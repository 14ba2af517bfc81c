package dashboards

// The parts of Grafana's dashboard JSON that are in use here, as Grafana 9.4
// writes them. Later versions read the same.

const (
	schemaVersion = 38
	pluginVersion = "9.4.7" // of all panels; later versions migrate from it
)

type board struct {
	Annotations  list[annotation] `json:"annotations"`
	Description  string           `json:"description"`
	Editable     bool             `json:"editable"`
	GraphTooltip int              `json:"graphTooltip"` // 1: one crosshair for all panels
	ID           *int             `json:"id"`           // Grafana gives it
	Links        []boardLink      `json:"links"`
	LiveNow      bool             `json:"liveNow"`
	Panels       []panel          `json:"panels"`
	Refresh      string           `json:"refresh"`
	Schema       int              `json:"schemaVersion"`
	Style        string           `json:"style"`
	Tags         []string         `json:"tags"`
	Templating   list[variable]   `json:"templating"`
	Time         timeRange        `json:"time"`
	Timepicker   struct{}         `json:"timepicker"`
	Timezone     string           `json:"timezone"`
	Title        string           `json:"title"`
	UID          string           `json:"uid"`
	Version      int              `json:"version"`
	WeekStart    string           `json:"weekStart"`
}

type list[T any] struct {
	List []T `json:"list"`
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type annotation struct {
	BuiltIn     int        `json:"builtIn,omitempty"` // 1: those that people write
	Datasource  datasource `json:"datasource"`
	Enable      bool       `json:"enable"`
	Expr        string     `json:"expr,omitempty"`
	Filter      *filter    `json:"filter,omitempty"`
	Hide        bool       `json:"hide"`
	IconColor   string     `json:"iconColor"`
	Name        string     `json:"name"`
	Step        string     `json:"step,omitempty"`
	TagKeys     string     `json:"tagKeys,omitempty"`
	TextFormat  string     `json:"textFormat,omitempty"`
	TitleFormat string     `json:"titleFormat,omitempty"`
	Type        string     `json:"type,omitempty"`
}

// filter names the panels that show an annotation.
type filter struct {
	Exclude bool  `json:"exclude"`
	IDs     []int `json:"ids"`
}

type boardLink struct {
	AsDropdown  bool     `json:"asDropdown"`
	Icon        string   `json:"icon"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	Tags        []string `json:"tags"`
	TargetBlank bool     `json:"targetBlank"`
	Title       string   `json:"title"`
	Tooltip     string   `json:"tooltip"`
	Type        string   `json:"type"`
	URL         string   `json:"url"`
}

type variable struct {
	AllValue    string         `json:"allValue,omitempty"`
	Current     map[string]any `json:"current"`
	Datasource  *datasource    `json:"datasource,omitempty"`
	Definition  string         `json:"definition,omitempty"`
	Description string         `json:"description"`
	Hide        int            `json:"hide"`
	IncludeAll  bool           `json:"includeAll"`
	Label       string         `json:"label"`
	Multi       bool           `json:"multi"`
	Name        string         `json:"name"`
	Options     []any          `json:"options"`
	Query       any            `json:"query"`
	Refresh     int            `json:"refresh"` // 1: on load; 2: and when the time range changes
	Regex       string         `json:"regex"`
	SkipURLSync bool           `json:"skipUrlSync"`
	Sort        int            `json:"sort,omitempty"` // 5: by name, whatever the case
	Type        string         `json:"type"`
}

type variableQuery struct {
	Query string `json:"query"`
	RefID string `json:"refId"`
}

type panel struct {
	Collapsed       *bool            `json:"collapsed,omitempty"` // of rows
	Datasource      *datasource      `json:"datasource,omitempty"`
	Description     string           `json:"description,omitempty"`
	FieldConfig     *fieldConfig     `json:"fieldConfig,omitempty"`
	GridPos         gridPos          `json:"gridPos"`
	ID              int              `json:"id"`
	Links           []link           `json:"links,omitempty"`
	MaxDataPoints   int              `json:"maxDataPoints,omitempty"`
	Options         any              `json:"options,omitempty"`
	Panels          *[]panel         `json:"panels,omitempty"` // of rows
	PluginVersion   string           `json:"pluginVersion,omitempty"`
	Targets         []target         `json:"targets,omitempty"`
	Title           string           `json:"title"`
	Transformations []transformation `json:"transformations,omitempty"`
	Type            string           `json:"type"`
}

type gridPos struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

type target struct {
	Datasource   datasource `json:"datasource"`
	EditorMode   string     `json:"editorMode"`
	Expr         string     `json:"expr"`
	Format       string     `json:"format"` // time_series, table or heatmap
	Instant      bool       `json:"instant"`
	LegendFormat string     `json:"legendFormat"`
	Range        bool       `json:"range"`
	RefID        string     `json:"refId"`
}

type transformation struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

type arrangement struct {
	ExcludeByName map[string]bool   `json:"excludeByName"`
	IndexByName   map[string]int    `json:"indexByName"`
	RenameByName  map[string]string `json:"renameByName"`
}

type fieldConfig struct {
	Defaults  field      `json:"defaults"`
	Overrides []override `json:"overrides"`
}

type field struct {
	Color      *color     `json:"color,omitempty"`
	Custom     any        `json:"custom,omitempty"`
	Decimals   *int       `json:"decimals,omitempty"`
	Links      []link     `json:"links,omitempty"`
	Mappings   []mapping  `json:"mappings"`
	Max        *float64   `json:"max,omitempty"`
	Min        *float64   `json:"min,omitempty"`
	NoValue    string     `json:"noValue"`
	Thresholds thresholds `json:"thresholds"`
	Unit       string     `json:"unit"`
}

type color struct {
	FixedColor string `json:"fixedColor,omitempty"`
	Mode       string `json:"mode"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

type step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"` // nil: the lowest
}

type mapping struct {
	Options any    `json:"options"`
	Type    string `json:"type"` // value, regex or special
}

type matched struct {
	Match   string `json:"match,omitempty"`   // of special: empty, null
	Pattern string `json:"pattern,omitempty"` // of regex
	Result  result `json:"result"`
}

type result struct {
	Color string `json:"color,omitempty"`
	Index int    `json:"index"`
	Text  string `json:"text,omitempty"`
}

type override struct {
	Matcher    matcher    `json:"matcher"`
	Properties []property `json:"properties"`
}

type matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

type property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

type link struct {
	TargetBlank bool   `json:"targetBlank"`
	Title       string `json:"title"`
	URL         string `json:"url"`
}

// Options and fields of the panel types.

type legend struct {
	Calcs       []string `json:"calcs"`
	DisplayMode string   `json:"displayMode"`
	Placement   string   `json:"placement"`
	ShowLegend  bool     `json:"showLegend"`
}

type tooltip struct {
	Mode string `json:"mode"`
	Sort string `json:"sort"`
}

type reduceOptions struct {
	Calcs  []string `json:"calcs"`
	Fields string   `json:"fields"`
	Values bool     `json:"values"`
}

type statOptions struct {
	ColorMode     string        `json:"colorMode"`
	GraphMode     string        `json:"graphMode"`
	JustifyMode   string        `json:"justifyMode"`
	Orientation   string        `json:"orientation"`
	ReduceOptions reduceOptions `json:"reduceOptions"`
	TextMode      string        `json:"textMode"`
}

type barOptions struct {
	DisplayMode   string        `json:"displayMode"`
	MinVizHeight  int           `json:"minVizHeight"`
	MinVizWidth   int           `json:"minVizWidth"`
	Orientation   string        `json:"orientation"`
	ReduceOptions reduceOptions `json:"reduceOptions"`
	ShowUnfilled  bool          `json:"showUnfilled"`
}

type graphOptions struct {
	Legend  legend  `json:"legend"`
	Tooltip tooltip `json:"tooltip"`
}

type graphField struct {
	AxisLabel         string       `json:"axisLabel"`
	AxisPlacement     string       `json:"axisPlacement"`
	AxisSoftMin       float64      `json:"axisSoftMin"`
	DrawStyle         string       `json:"drawStyle"`
	FillOpacity       int          `json:"fillOpacity"`
	GradientMode      string       `json:"gradientMode"`
	LineInterpolation string       `json:"lineInterpolation"`
	LineWidth         int          `json:"lineWidth"`
	PointSize         int          `json:"pointSize"`
	ScaleDistribution distribution `json:"scaleDistribution"`
	ShowPoints        string       `json:"showPoints"`
	SpanNulls         bool         `json:"spanNulls"`
	Stacking          stacking     `json:"stacking"`
}

type distribution struct {
	Type string `json:"type"`
}

type stacking struct {
	Group string `json:"group"`
	Mode  string `json:"mode"`
}

type timelineOptions struct {
	AlignValue  string  `json:"alignValue"`
	Legend      legend  `json:"legend"`
	MergeValues bool    `json:"mergeValues"`
	RowHeight   float64 `json:"rowHeight"`
	ShowValue   string  `json:"showValue"`
	Tooltip     tooltip `json:"tooltip"`
}

type historyOptions struct {
	ColWidth  float64 `json:"colWidth"`
	Legend    legend  `json:"legend"`
	RowHeight float64 `json:"rowHeight"`
	ShowValue string  `json:"showValue"`
	Tooltip   tooltip `json:"tooltip"`
}

type stateField struct {
	FillOpacity int   `json:"fillOpacity"`
	LineWidth   int   `json:"lineWidth"`
	SpanNulls   *bool `json:"spanNulls,omitempty"` // of timelines: a gap stays one
}

type tableOptions struct {
	Footer     footer   `json:"footer"`
	ShowHeader bool     `json:"showHeader"`
	SortBy     []sortBy `json:"sortBy"`
}

type footer struct {
	CountRows        bool     `json:"countRows"`
	EnablePagination bool     `json:"enablePagination"`
	Fields           string   `json:"fields"`
	Reducer          []string `json:"reducer"`
	Show             bool     `json:"show"`
}

type sortBy struct {
	Desc        bool   `json:"desc"`
	DisplayName string `json:"displayName"`
}

type tableField struct {
	Align       string `json:"align"`
	CellOptions cell   `json:"cellOptions"`
	Filterable  bool   `json:"filterable"`
	Inspect     bool   `json:"inspect"`
}

type cell struct {
	Type string `json:"type"` // auto, color-text
}

type heatmapOptions struct {
	Calculate    bool           `json:"calculate"`
	CellGap      int            `json:"cellGap"`
	CellValues   unitOf         `json:"cellValues"`
	Color        heatmapColor   `json:"color"`
	Exemplars    exemplars      `json:"exemplars"`
	FilterValues heatmapFilter  `json:"filterValues"`
	Legend       heatmapLegend  `json:"legend"`
	RowsFrame    heatmapRows    `json:"rowsFrame"`
	Tooltip      heatmapTooltip `json:"tooltip"`
	YAxis        heatmapAxis    `json:"yAxis"`
}

type unitOf struct {
	Unit string `json:"unit"`
}

type heatmapColor struct {
	Exponent float64 `json:"exponent"`
	Fill     string  `json:"fill"`
	Mode     string  `json:"mode"`
	Reverse  bool    `json:"reverse"`
	Scale    string  `json:"scale"`
	Scheme   string  `json:"scheme"`
	Steps    int     `json:"steps"`
}

type exemplars struct {
	Color string `json:"color"`
}

type heatmapFilter struct {
	LE float64 `json:"le"`
}

type heatmapLegend struct {
	Show bool `json:"show"`
}

type heatmapRows struct {
	Layout string `json:"layout"`
}

type heatmapTooltip struct {
	Show       bool `json:"show"`
	YHistogram bool `json:"yHistogram"`
}

type heatmapAxis struct {
	AxisPlacement string `json:"axisPlacement"`
	Reverse       bool   `json:"reverse"`
	Unit          string `json:"unit"`
}

type heatmapField struct {
	HideFrom          hideFrom     `json:"hideFrom"`
	ScaleDistribution distribution `json:"scaleDistribution"`
}

type hideFrom struct {
	Legend  bool `json:"legend"`
	Tooltip bool `json:"tooltip"`
	Viz     bool `json:"viz"`
}
