#!/usr/bin/env bash
# JavaMoney's RoundedMoney divides an annual price of 100.00 by twelve and gets 0; one of 100 gets 8, and 8.33 only if there are cents in it.
#
# Versions: Moneta 1.4.5 (the reference implementation of JSR 354; Maven), Java 17 with its compiler.
# A good guess: RoundedMoney is Money that is rounded to the currency's decimals after each operation, so 100 / 12 is 8.33, as it is where
# Money is divided and then rounded; how the amount was written does not matter.
# What happens: the quotient gets as many decimals as the dividend has, before it is rounded: BigDecimal's `divide` with a rounding mode keeps
# its scale. 100 has none: 8. An amount that was given with zeros behind the point has lost them, and those before it: 100.00 is kept as 1E+2,
# so the quotient is in whole hundreds: 0. 50 / 4 is 12. A rounding of one's own at the constructor changes none of it.
# `multiply(1 / 12.0)` is right, and so are sums, products, Money and FastMoney.
# Matters because: MRR is an annual price by twelve, ARPA a sum by accounts, a credit a price by days, and round prices are the usual ones.
# MRR is 0 or 4 % too low for just these, right for 99.99, and a test with cents is green. Divide Money, and round the quotient.
#
# Output seen:
#   99.99 / 12: Money rounded 8.33, FastMoney rounded 8.33, RoundedMoney 8.33
#   100.5 / 12: Money rounded 8.38, FastMoney rounded 8.38, RoundedMoney 8.4
#   50 / 4: Money rounded 12.5, FastMoney rounded 12.5, RoundedMoney 12
#   10 / 12: Money rounded 0.83, FastMoney rounded 0.83, RoundedMoney 1
#   100 / 12: Money rounded 8.33, FastMoney rounded 8.33, RoundedMoney 8
#   100.00 / 12: Money rounded 8.33, FastMoney rounded 8.33, RoundedMoney 0
#   1200.00 / 365: Money rounded 3.29, FastMoney rounded 3.29, RoundedMoney 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>money</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.javamoney.moneta</groupId><artifactId>moneta-core</artifactId><version>1.4.5</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Divided.java" <<'JAVA'
import java.math.BigDecimal;
import javax.money.Monetary;
import javax.money.MonetaryAmount;
import org.javamoney.moneta.FastMoney;
import org.javamoney.moneta.Money;
import org.javamoney.moneta.RoundedMoney;

class Divided {
    static String rounded(MonetaryAmount amount) {
        return shown(amount.with(Monetary.getDefaultRounding()));
    }

    static String shown(MonetaryAmount amount) {
        return amount.getNumber().numberValue(BigDecimal.class).stripTrailingZeros().toPlainString();
    }

    public static void main(String[] arguments) {
        for (String line : arguments) {
            BigDecimal price = new BigDecimal(line.split(" / ")[0]);
            int parts = Integer.parseInt(line.split(" / ")[1]);
            System.out.printf("%s: Money rounded %s, FastMoney rounded %s, RoundedMoney %s%n", line,
                rounded(Money.of(price, "USD").divide(parts)), rounded(FastMoney.of(price, "USD").divide(parts)),
                shown(RoundedMoney.of(price, "USD").divide(parts)));
        }
    }
}
JAVA
java -cp "$folder/libs/*" "$folder/Divided.java" "99.99 / 12" "100.5 / 12" "50 / 4" "10 / 12" "100 / 12" "100.00 / 12" "1200.00 / 365" \
    2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
