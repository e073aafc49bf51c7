#!/usr/bin/env bash
# Esper's mean of amounts is 0 for each event after which the quotient has no end: 4, 5 and 7 make 0, and the sum beside it is right.
#
# Versions: Esper 9.0.0 (Maven), Java 17 with its compiler. Logging is left to slf4j, as it comes.
# A good guess: `avg` of a BigDecimal is a decimal with some number of decimals (34 digits would be MathContext.DECIMAL128), or an error that
# ends the statement; a mean that is told is a mean.
# What happens: sum and count are divided without a context; Java's exception for a quotient without an end is caught, an error is logged, and
# the mean is 0. By one event it is right, by the next it is 0, as the count goes: whenever the quotient of sum and count does not end. The
# mean of doubles is right. With `setMathContext` in the configuration of the compiler it is right for decimals too.
# Matters because: revenue by account and amounts of refunds are exactly what is kept in decimals, so as not to lose a cent, and
# a mean of 0 is below each threshold: the alarm rings, or a filter `having avg(amount) > 100` lets nothing through, at some counts only.
#
# Output seen:
#   4: sum 4, mean of decimals 4, of doubles 4.0, of decimals with a context 4
#   4, 5: sum 9, mean of decimals 4.5, of doubles 4.5, of decimals with a context 4.5
#   4, 5, 7: sum 16, mean of decimals 0, of doubles 5.333333333333333, of decimals with a context 5.333333333333333
#   4, 5, 7, 8: sum 24, mean of decimals 6, of doubles 6.0, of decimals with a context 6
#   4, 5, 7, 8, 20: sum 44, mean of decimals 8.8, of doubles 8.8, of decimals with a context 8.8
#   4, 5, 7, 8, 20, 5: sum 49, mean of decimals 0, of doubles 8.166666666666666, of decimals with a context 8.166666666666667
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>means</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>com.espertech</groupId><artifactId>esper-runtime</artifactId><version>9.0.0</version></dependency>
    <dependency><groupId>com.espertech</groupId><artifactId>esper-compiler</artifactId><version>9.0.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

cat > "$folder/Means.java" <<'JAVA'
import com.espertech.esper.common.client.EPCompiled;
import com.espertech.esper.common.client.EventBean;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class Means {
    /** The means after each event, told as the engine tells them. */
    static List<String> told(int[] amounts, Class<?> type, String query, MathContext context) throws Exception {
        Configuration settings = new Configuration();
        settings.getRuntime().getThreading().setInternalTimerEnabled(false);
        if (context != null) settings.getCompiler().getExpression().setMathContext(context);
        Map<String, Object> fields = new HashMap<>();
        fields.put("amount", type);
        settings.getCommon().addEventType("Paid", fields);
        EPRuntime runtime = EPRuntimeProvider.getRuntime(query + type + context, settings);
        EPCompiled compiled = EPCompilerProvider.getCompiler().compile("@name('told') " + query, new CompilerArguments(settings));
        String deployed = runtime.getDeploymentService().deploy(compiled).getDeploymentId();
        List<String> told = new ArrayList<>();
        runtime.getDeploymentService().getStatement(deployed, "told").addListener((events, before, statement, engine) -> {
            for (EventBean event : events) told.add(String.valueOf(event.get("told")));
        });
        for (int amount : amounts) {
            Map<String, Object> event = new HashMap<>();
            event.put("amount", type == BigDecimal.class ? new BigDecimal(amount) : (Object) (double) amount);
            runtime.getEventService().sendEventMap(event, "Paid");
        }
        return told;
    }

    public static void main(String[] arguments) throws Exception {
        int[] amounts = {4, 5, 7, 8, 20, 5};
        String mean = "select avg(amount) as told from Paid";
        List<String> sums = told(amounts, BigDecimal.class, "select sum(amount) as told from Paid", null);
        List<String> decimals = told(amounts, BigDecimal.class, mean, null);
        List<String> doubles = told(amounts, Double.class, mean, null);
        List<String> contexts = told(amounts, BigDecimal.class, mean, MathContext.DECIMAL64);
        List<String> seen = new ArrayList<>();
        for (int number = 0; number < amounts.length; number++) {
            seen.add(String.valueOf(amounts[number]));
            System.out.printf("%s: sum %s, mean of decimals %s, of doubles %s, of decimals with a context %s%n", String.join(", ", seen),
                sums.get(number), decimals.get(number), doubles.get(number), contexts.get(number));
        }
        System.exit(0);
    }
}
JAVA
java -cp "$folder/libs/*" "$folder/Means.java" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
