# The worker on the JVM: the supported image.
#   docker build -t zoetrope .
#   docker build -t zoetrope:gpu --build-arg PROFILE=gpu --build-arg RUNTIME=nvidia/cuda:13.1.0-cudnn-runtime-ubuntu24.04 .
ARG JDK=eclipse-temurin:25.0.1_8-jdk-noble
ARG RUNTIME=eclipse-temurin:25.0.1_8-jre-noble

FROM ${JDK} AS build
ARG PROFILE=cpu
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml ./
COPY src/main src/main
RUN ./mvnw -B -ntp -q -DskipTests -Dmaven.test.skip=true -P"${PROFILE}" package

FROM ${JDK} AS jre
RUN jlink --add-modules ALL-MODULE-PATH --strip-debug --no-header-files --no-man-pages --output /jre

FROM ${RUNTIME}
LABEL org.opencontainers.image.title="zoetrope" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=jre /jre /opt/java
COPY --from=build /build/target/quarkus-app /opt/zoetrope/app
COPY models /opt/zoetrope/models
# Fixed ids, so that volumes can be given to them.
RUN groupadd --gid 10001 zoetrope \
    && useradd --uid 10001 --gid zoetrope --create-home --home-dir /home/zoetrope zoetrope \
    && mkdir -p /var/lib/zoetrope/artifacts \
    && chown -R zoetrope:zoetrope /var/lib/zoetrope
USER 10001:10001
WORKDIR /var/lib/zoetrope
ENV JAVA_HOME=/opt/java \
    PATH=/opt/java/bin:$PATH \
    OPENBLAS_NUM_THREADS=1 \
    GOMP_SPINCOUNT=2000 \
    ZOETROPE_ARTIFACTS_FOLDER_PATH=/var/lib/zoetrope/artifacts \
    JAVA_TOOL_OPTIONS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
-Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.maxBytes=0 -Djava.awt.headless=true \
-Dzoetrope.home=/opt/zoetrope -XX:MaxRAMPercentage=25"
# A clip unpacks every native library now: a pod's file system is read-only.
RUN ["java", "-jar", "/opt/zoetrope/app/quarkus-run.jar", "generate", "A red circle rises on a blue background.", \
    "--device", "cpu", "--steps", "2", "--output", "/tmp/warm-up.mp4"]
EXPOSE 8080
ENTRYPOINT ["java", "-jar", "/opt/zoetrope/app/quarkus-run.jar"]
CMD ["serve"]
