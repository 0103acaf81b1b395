# Built from the sources. The provider simulator runs from the same image, by another main class
# (docker-compose.yml). Needs no BuildKit.
FROM maven:3.9.16-eclipse-temurin-25 AS build
WORKDIR /build
# Packaging without sources fetches what the build needs: a layer of its own, kept until the pom changes.
COPY pom.xml .
RUN mvn -B -q -DskipTests -Dexec.skip package
COPY src/main src/main
RUN mvn -B -q -DskipTests package \
    && mv target/evenkeel-*.jar evenkeel.jar \
    && java -Djarmode=tools -jar evenkeel.jar extract --layers --destination layers

FROM eclipse-temurin:25.0.4_7-jre
RUN useradd --system evenkeel && install -d -o evenkeel -g evenkeel /data
WORKDIR /evenkeel
# What changes seldom comes first; the libraries lie beside the jar, on its manifest's class path.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
USER evenkeel
# Little is alive at a time: the simplest parallel collector takes the least from what the application does.
ENV JDK_JAVA_OPTIONS="-XX:+UseParallelGC -XX:+UseCompactObjectHeaders"
# Health with details and metrics, without a token: on a port of their own, which is not to be published
ENV MANAGEMENT_SERVER_PORT=8081 MANAGEMENT_ENDPOINT_HEALTH_SHOW_DETAILS=always
CMD ["java", "-jar", "evenkeel.jar"]
