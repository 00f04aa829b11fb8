// Send an admission to Plek from an organisation's own system, or read what was refused:
// `java -cp kafka-clients.jar:slf4j-api.jar Intake.java send SHELTER UNIT`, `... Intake.java refusals`.
// Needs what `plek intake add` printed: INTAKE_BOOTSTRAP, INTAKE_SECURITY, INTAKE_TOPIC, INTAKE_USER, INTAKE_PASSWORD.

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Intake {
    static final String TOPIC = System.getenv("INTAKE_TOPIC");

    static Properties connection() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", System.getenv("INTAKE_BOOTSTRAP"));
        properties.put("security.protocol", System.getenv().getOrDefault("INTAKE_SECURITY", "SASL_SSL"));
        properties.put("sasl.mechanism", "SCRAM-SHA-512");
        properties.put(
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(System.getenv("INTAKE_USER"), System.getenv("INTAKE_PASSWORD")));
        return properties;
    }

    // An admission of one adult with two children. Keep it until Kafka has it: sent again, the same id counts once
    static String admission(String shelter, String unit) {
        return """
            {"specversion": "1.0", "id": "%s", "source": "urn:plek:shelter:%s:system", "type": "nl.plek.admission.v1",
             "subject": "%s", "time": "%s",
             "data": {"shelter": "%s", "unit": "%s", "stay": "%s", "adults": 1, "children": 2}}
            """.formatted(UUID.randomUUID(), shelter, shelter, Instant.now(), shelter, unit, UUID.randomUUID());
    }

    static void send(String shelter, String unit) throws Exception {
        Properties properties = connection();
        // The default of kafka-clients since 3.0: the order is kept, also when it has to send again
        properties.put("acks", "all");
        properties.put("enable.idempotence", "true");
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            RecordMetadata sent = producer.send(new ProducerRecord<>(TOPIC, shelter, admission(shelter, unit))).get();
            System.out.println("sent: " + sent.topic() + " " + sent.partition() + " " + sent.offset());
        }
    }

    // Print what was refused since the last time, for as long as something comes within so many seconds
    static void refusals(Duration quiet) {
        Properties properties = connection();
        properties.put("group.id", TOPIC);
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC + ".refused"));
            ConsumerRecords<String, String> records;
            boolean joined;
            int tries = 0;
            do {
                // To join the group takes a time of its own, in which nothing comes
                joined = !consumer.assignment().isEmpty();
                records = consumer.poll(quiet);
                records.forEach(record -> System.out.println("refused: " + record.value()));
                if (!records.isEmpty()) {
                    consumer.commitSync();
                }
            } while (!records.isEmpty() || (!joined && ++tries < 12));
        }
    }

    public static void main(String[] words) throws Exception {
        if (words.length == 3 && words[0].equals("send")) {
            send(words[1], words[2]);
        } else if (words.length == 1 && words[0].equals("refusals")) {
            refusals(Duration.ofSeconds(5));
        } else {
            System.err.println("Intake.java send SHELTER UNIT | Intake.java refusals");
            System.exit(1);
        }
    }
}
