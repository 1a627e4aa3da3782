package io.zoetrope;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.zoetrope.audit.GenerationEvent;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/// Who may use whom.
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.zoetrope");

    @Test
    void theEngineKnowsNothingOfTheServiceAroundIt() {
        noClasses()
                .that()
                .resideInAPackage("io.zoetrope.engine..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quarkus..",
                        "io.smallrye..",
                        "jakarta..",
                        "org.eclipse.microprofile..",
                        "org.apache.kafka..",
                        "io.zoetrope.request..",
                        "io.zoetrope.worker..")
                .check(CLASSES);
    }

    @Test
    void onlyTheTensorPackageKnowsLibTorch() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.zoetrope.engine.tensor..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.pytorch..")
                .check(CLASSES);
    }

    /// A build for the CPU has no classes behind them, so nothing else may load these by itself.
    @Test
    void onlyClassesNamedAfterItKnowCuda() {
        noClasses()
                .that()
                .haveNameNotMatching(".*\\.Cuda[^.]*")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.bytedeco.cuda..", "org.bytedeco.pytorch.cuda..")
                        .or(name("org.bytedeco.pytorch.global.torch_cuda")))
                .check(CLASSES);
    }

    @Test
    void onlyMediaKnowsFfmpeg() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.zoetrope.media..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.ffmpeg..")
                .check(CLASSES);
    }

    @Test
    void onlyTheWorkerSeesReactiveMessaging() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.zoetrope.worker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.eclipse.microprofile.reactive.messaging..", "io.smallrye.reactive.messaging..")
                .check(CLASSES);
    }

    @Test
    void thePartsOfTheEngineDoNotUseTheClassesThatWireThem() {
        noClasses()
                .that()
                .resideInAPackage("io.zoetrope.engine.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.zoetrope.engine")
                .check(CLASSES);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("io.zoetrope.(*)..").should().beFreeOfCycles().check(CLASSES);
        slices().matching("io.zoetrope.engine.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theNetworksDoNotKnowOneAnother() {
        slices().matching("io.zoetrope.engine.(text|transformer|videovae|audiovae)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void requestsDependOnNothingAndMediaOnNothingOfOurs() {
        noClasses()
                .that()
                .resideInAnyPackage("io.zoetrope.request..", "io.zoetrope.media..", "io.zoetrope.capacity..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.zoetrope.engine..",
                        "io.zoetrope.worker..",
                        "io.zoetrope.plan..",
                        "io.zoetrope.audit..",
                        "io.zoetrope.artifact..",
                        "io.zoetrope.cli..",
                        "io.zoetrope.api..")
                .check(CLASSES);
    }

    @Test
    void factsAreRecords() {
        classes().that().implement(GenerationEvent.class).should().beRecords().check(CLASSES);
    }

    @Test
    void dependenciesComeThroughConstructors() {
        noFields().should().beAnnotatedWith(Inject.class).check(CLASSES);
    }
}
