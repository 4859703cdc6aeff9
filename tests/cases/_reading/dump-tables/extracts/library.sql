-- Dump of a library, don't look here: INSERT INTO `items` VALUES (0);
CREATE TABLE `items` (
  `itemnumber` int(11) NOT NULL AUTO_INCREMENT COMMENT 'key (of items), used everywhere',
  `biblionumber` int(11), `barcode` varchar(20) DEFAULT NULL,
  `homebranch` varchar(10), `itemlost` tinyint(1), `damaged` tinyint(1), `withdrawn` decimal(3,1),
  `itemnotes` longtext, PRIMARY KEY (`itemnumber`),
  UNIQUE KEY `b` (`barcode`)
) ENGINE=InnoDB;
/*!40000 ALTER TABLE `items` DISABLE KEYS */;
INSERT INTO `items` VALUES (1,10,'3\'9(9;9)','CPL',2,0,1,'a\nb \\ ''''c'''''),(2,10,NULL,'CPL',0,1,0,_utf8mb4'Zoë'),
(3, 10, 'x'),
(5, 99, NULL, 'CPL', 0, 0, 0, NULL);
INSERT INTO items (itemnumber, biblionumber, homebranch) VALUES (4,10,'CPL');
INSERT INTO `notes` (item, note) VALUES (1,'one'),(7,'lost note'),(1,'two');
insert into `issues` (`borrowernumber`,`itemnumber`,`date_due`,`returndate`) values (1,1,'2026-01-31 23:59:00',NULL),(2,2,'2026-02-01','2026-01-05');
INSERT INTO reserves (borrowernumber,itemnumber,found) VALUES (1,2,'W'),(1,NULL,NULL);
CREATE TABLE authorised_values (id int, category varchar(32), authorised_value varchar(80), lib varchar(200), timestamp timestamp);
INSERT INTO authorised_values VALUES (1,'LOST','2','Long overdue',NULL),(2,'LOC','GEN','General','2020-01-01 00:00:00');
