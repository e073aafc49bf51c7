#!/usr/bin/env bash
# By the libraries that compute a spreadsheet's formulas, who did not answer is a detractor, two promoters are one, 12.5 % is "0.1%" and INT(-2.5) is -2.
#
# Versions: hyperformula 3.5.0, @formulajs/formulajs 4.6.1 and fast-formula-parser 1.0.19 (npm, Node 20), formualizer 0.13.0 and ironcalc 0.9.1 (PyPI,
# Python 3.11).
# A good guess: functions with the names of Excel's may differ in odd corners, such as DATEDIF's "md", but not in what everybody writes: COUNTIF, MEDIAN,
# INT, ROUND, EDATE, a format with a percent sign.
# What happens, without an error, where Excel has 1, 9, 8.33, 29.5, 2, 3, -3, 1.01, 19.99, 12.5%, 1,234.50, 3, 28, 2, -23 and 6:
#   1. Formula.js: a cell without an answer is at most 6, is a 0 in MEDIAN though not in AVERAGE, and makes AVERAGEIF no number. A "7" among amounts,
#      as imports have it, makes texts of the rest: 19.5, 7 and 10 are 19.5710. `pro*` is found by COUNTIF nowhere; days backwards are -29, not -23.
#   2. fast-formula-parser: the same detractor; the usual SUMPRODUCT counts nobody, "pro" is not "Pro", a month after 31 January is in March, and
#      weeks have other numbers.
#   3. HyperFormula: that SUMPRODUCT counts the first row alone (until `useArrayArithmetic` is set), INT goes to zero, 1.005 is 1, and number formats
#      are taken for a part: a share is a hundredth of itself with a percent sign.
#   4. formualizer's XLOOKUP finds no next lower limit in a list that falls; IronCalc's TEXT rounds 2.5 to 2, where its ROUND has 3. All but IronCalc
#      take a cent from 19.99 by FLOOR.
# Matters because: such libraries compute the sheets in which NPS, commissions and renewals are kept, on servers and in pages; the same file opened in
# Excel has other figures. Count detractors as those at most 6 less those without an answer, and compare each formula once with a sheet whose answers are known.
#
# Output seen (2026-12-01; columns: HyperFormula, Formula.js, fast-formula-parser, formualizer, IronCalc):
#   detractors: 1 | 2 | 2 | 1 | 1
#   median: 9 | 7.5 | refused | 9 | 9
#   mean: 8.333333 | NaN | 8.333333 | 8.333333 | 8.333333333
#   amounts above 6: 29.5 | 19.5710 | 29.5 | 29.5 | 29.5
#   promoters: 1 | - | 0 | 2 | 2
#   plans: 3 | 0 | 2 | 3 | 3
#   INT(-2.5): -2 | -3 | -3 | -3 | -3
#   ROUND(1.005): 1 | 1.01 | 1 | 1.01 | 1.01
#   whole cents of 19.99: 19.98 | 19.98 | 19.98 | 19.98 | 19.99
#   a share: 0.1% | 12.5% | 12.5% | 12.5% | 12.5%
#   an amount: 1235,##0.00 | 1,234.50 | 1,234.50 | 1,234.50 | 1,234.50
#   TEXT(2.5): 3 | 3 | 3 | 3 | 2
#   day of renewal: 28 | 28 | 3 | 28 | 28
#   week of 3 January: 2 | 2 | 1 | 2 | 2
#   days backwards: -23 | -29 | -23 | -23 | -23
#   limit below 8: 6 | - | refused | #N/A | 6
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund --ignore-scripts hyperformula@3.5.0 @formulajs/formulajs@4.6.1 \
    fast-formula-parser@1.0.19 > "$folder/log" 2>&1)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet formualizer==0.13.0 ironcalc==0.9.1

# The scores are in A1:A5 (10, 9, 6, none, "n/a"), plans in B1:B3, amounts in C1:C3, one of them a text. The third column is the same for Formula.js, which has functions and no cells.
cat > "$folder/formulas" <<'FORMULAS'
detractors	=COUNTIF(A1:A5,"<=6")	COUNTIF(scores, "<=6")
median	=MEDIAN(A1:A4)	MEDIAN(scores.slice(0, 4))
mean	=AVERAGEIF(A1:A4,">=0")	AVERAGEIF(scores.slice(0, 4), ">=0")
amounts above 6	=SUMIF(C1:C3,">6")	SUMIF(amounts, ">6")
promoters	=SUMPRODUCT((A1:A3>=9)*1)	
plans	=COUNTIF(B1:B3,"pro*")	COUNTIF(plans, "pro*")
INT(-2.5)	=INT(-2.5)	INT(-2.5)
ROUND(1.005)	=ROUND(1.005,2)	ROUND(1.005, 2)
whole cents of 19.99	=FLOOR(19.99,0.01)	FLOOR(19.99, 0.01)
a share	=TEXT(0.125,"0.0%")	TEXT(0.125, "0.0%")
an amount	=TEXT(1234.5,"#,##0.00")	TEXT(1234.5, "#,##0.00")
TEXT(2.5)	=TEXT(2.5,"0")	TEXT(2.5, "0")
day of renewal	=DAY(EDATE(DATE(2026,1,31),1))	DAY(EDATE(new Date(2026, 0, 31), 1))
week of 3 January	=WEEKNUM(DATE(2027,1,3))	WEEKNUM(new Date(2027, 0, 3))
days backwards	=NETWORKDAYS(DATE(2026,12,31),DATE(2026,12,1))	NETWORKDAYS(new Date(2026, 11, 31), new Date(2026, 11, 1))
limit below 8	=XLOOKUP(8,A1:A3,A1:A3,"none",-1)	
FORMULAS
cat > "$folder/compute.js" <<'JS'
const functions = require("@formulajs/formulajs");
const FormulaParser = require("fast-formula-parser");
const { HyperFormula } = require("hyperformula");
const scores = [10, 9, 6, null, "n/a"];
const plans = ["pro", "Pro", "pro-plus"];
const amounts = [19.5, "7", 10];
const rows = scores.map((score, at) => [score, plans[at] ?? null, amounts[at] ?? null]);

function byHyperFormula(formula) {
  const sheet = HyperFormula.buildFromArray(rows.map(([score, plan, amount], at) => [score, plan, amount === "7" ? "'7" : amount, at ? null : formula]), { licenseKey: "gpl-v3" });
  return sheet.getCellValue({ sheet: 0, row: 0, col: 3 });
}

function byParser(formula) {
  const cell = (row, column) => rows[row - 1]?.[column - 1] ?? null;
  const parser = new FormulaParser({
    onCell: ({ row, col }) => cell(row, col),
    onRange: ({ from, to }) => Array.from({ length: to.row - from.row + 1 }, (_, at) => [cell(from.row + at, from.col)]),
  });
  return parser.parse(formula.slice(1), { row: 9, col: 9, sheet: "Sheet1" });
}

function byFunctions(call) {
  const names = Object.keys(functions);
  return new Function(...names, "scores", "plans", "amounts", `return ${call}`)(...names.map((name) => functions[name]), scores, plans, amounts);
}

function shown(compute, formula) {
  if (!formula) return "-";
  try {
    const value = compute(formula);
    return typeof value === "object" ? "refused" : typeof value === "number" ? String(+value.toFixed(6)) : String(value);
  } catch {
    return "refused";
  }
}

for (const line of require("fs").readFileSync(process.argv[2], "utf8").trimEnd().split("\n")) {
  const [name, formula, call] = line.split("\t");
  console.log([`${name}:`, shown(byHyperFormula, formula), shown(byFunctions, call), shown(byParser, formula)].join("\t"));
}
JS
cat > "$folder/compute.py" <<'PY'
import sys

import formualizer
import ironcalc

CELLS = {
    (1, 1): 10, (2, 1): 9, (3, 1): 6, (5, 1): "n/a", (1, 2): "pro", (2, 2): "Pro", (3, 2): "pro-plus", (1, 3): 19.5,
    (2, 3): "7", (3, 3): 10,
}


def by_formualizer(formula: str) -> object:
    book = formualizer.Workbook()
    book.add_sheet("S")
    for (row, column), value in CELLS.items():
        book.set_value("S", row, column, value)
    book.set_formula("S", 1, 4, formula)
    value = book.evaluate_cell("S", 1, 4)
    if isinstance(value, dict):
        return "#N/A" if value["kind"] == "Na" else "refused"
    return str(round(value, 6)).removesuffix(".0") if isinstance(value, float) else value


def by_ironcalc(formula: str) -> object:
    model = ironcalc.create("book", "en", "UTC", "en")
    for (row, column), value in CELLS.items():
        model.set_user_input(0, row, column, "'7" if value == "7" else str(value))
    model.set_user_input(0, 1, 4, formula)
    model.evaluate()
    return model.get_formatted_cell_value(0, 1, 4)


for line in open(sys.argv[1]):
    formula = line.rstrip("\n").split("\t")[1]
    print(by_formualizer(formula), by_ironcalc(formula), sep="\t")
PY
paste <(TZ=UTC node "$folder/compute.js" "$folder/formulas") <("$folder/venv/bin/python" "$folder/compute.py" "$folder/formulas") |
    sed 's/\t/ | /g; s/: | /: /' | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
